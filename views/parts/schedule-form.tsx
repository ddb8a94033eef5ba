/** @jsxImportSource #jsx */
import type { Child } from '../elements'
import type { PageData } from '../page-data'

/** What was typed into the form, by field; empty for a new one. */
export type TypedSchedule = Record<string, string>

const kinds = [
  ['once', 'Once'],
  ['daily', 'Every day'],
  ['weekdays', 'Monday to Friday'],
  ['weekly', 'Once a week'],
  ['cron', 'By a cron expression'],
] as const
const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** The form that adds a schedule. What a choice does not need is hidden by the style sheet, so it works without a script. */
export function ScheduleForm(props: { typed: TypedSchedule; problem: string | null; zone: string; data: PageData }) {
  const { typed, problem, zone, data } = props
  const value = (name: string, usual = '') => typed[name] ?? usual
  const input = (name: string, type: string, usual = '', more: object = {}) => (
    <input id={name} name={name} type={type} value={value(name, usual)} autocomplete="off" {...more} />
  )
  return (
    <section class="panel" aria-labelledby="add-title">
      <h2 id="add-title">Add a schedule</h2>
      {problem && (
        <p class="notice bad" role="alert">
          {problem}
        </p>
      )}
      <form method="post" action="/ui/schedules" class="fields schedule">
        {field('title', 'What for', input('title', 'text', '', { required: true, maxlength: 120 }))}
        {field('owner', 'Whose', input('owner', 'text', '', { required: true, maxlength: 120 }))}
        {field('recipe', 'Model', choice('recipe', models(data), value('recipe', data.recipes[0]?.id ?? '')))}
        {field('repeats', 'When', choice('repeats', kinds, value('repeats', 'once')))}
        {field('date', 'Day', input('date', 'date', data.now.slice(0, 10)), 'once')}
        {field(
          'weekday',
          'Day of the week',
          choice(
            'weekday',
            weekdays.map((name, index) => [String(index + 1), name] as const),
            value('weekday', '1'),
          ),
          'weekly',
        )}
        {field('time', 'Time', input('time', 'time', '02:00'), 'timed')}
        {field('cron', 'Cron: minute, hour, day, month, weekday', input('cron', 'text', '0 2 * * *'), 'cron')}
        {field(
          'timezone',
          'Time zone',
          <input
            id="timezone"
            name="timezone"
            type="text"
            value={value('timezone', zone)}
            required
            spellcheck="false"
            autocomplete="off"
            data-zone={typed.timezone === undefined ? '' : null}
          />,
        )}
        {field(
          'minutes',
          'For how many minutes',
          input('minutes', 'number', '60', { min: 1, max: 10_080, required: true }),
        )}
        <p>
          <button type="submit">Add</button>
        </p>
      </form>
    </section>
  )
}

function field(id: string, label: string, control: Child, needs?: string) {
  return (
    <div class={needs ? `field ${needs}` : 'field'}>
      <label for={id}>{label}</label>
      {control}
    </div>
  )
}

type Choices = readonly (readonly [value: string, words: string])[]

function choice(name: string, choices: Choices, chosen: string) {
  return (
    <select id={name} name={name}>
      {choices.map(([value, words]) => (
        <option value={value} selected={value === chosen}>
          {words}
        </option>
      ))}
    </select>
  )
}

function models({ recipes }: PageData): Choices {
  return [...recipes.map(({ id, name }) => [id, name] as const), ['', 'No model: unload']]
}
