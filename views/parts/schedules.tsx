/** @jsxImportSource #jsx */
import type { ScheduleView } from '../../core/coordination/schedules'
import { duration } from '../format/duration'
import type { PageData } from '../page-data'
import { recipeName } from './swap-words'
import { Clock, Day } from './when'

/** Every schedule with its owner, its times and its end by two taps. */
export function schedulesPart(schedules: ScheduleView[], data: PageData) {
  return (
    <section id="schedules" class="panel" aria-labelledby="schedules-title">
      <h2 id="schedules-title">All schedules</h2>
      <p class="small">
        A schedule is an announcement: Spark Control shows it to people and apps, and starts nothing by itself. Its
        owner swaps when the time has come.
      </p>
      {schedules.length === 0 && (
        <p>
          None yet. <a href="/ui/coordination#schedules">How an app adds one</a>
        </p>
      )}
      {schedules.length > 0 && <ul class="recipes">{schedules.map((schedule) => entry(schedule, schedules, data))}</ul>}
    </section>
  )
}

function entry(schedule: ScheduleView, all: ScheduleView[], data: PageData) {
  const { id, owner, title, recipe, timezone, duration_s: seconds, next, overlaps } = schedule
  const titleOf = (id: string) => all.find((each) => each.id === id)?.title ?? id
  return (
    <li id={`schedule-${id}`}>
      <div class="about">
        <h3>{title}</h3>
        <p>
          {recipe === null ? 'No model' : recipeName(recipe, data)} for {duration(seconds)}, by {owner}
        </p>
        <p class="small">
          {repeats(schedule)}, {timezone}
        </p>
        {next.length === 0 ? (
          <p class="small">It does not come again.</p>
        ) : (
          <p class="small">
            Next:{' '}
            {next.slice(0, 3).map((time, index) => (
              <>
                {index > 0 && ' · '}
                <Day time={time} /> <Clock time={time} />
              </>
            ))}
          </p>
        )}
        {overlaps.length > 0 && <p class="trouble">It overlaps with {overlaps.map(titleOf).join(' and ')}</p>}
      </div>
      <details class="action">
        <summary>Delete…</summary>
        <form method="post" action="/ui/schedules/delete">
          <input type="hidden" name="id" value={id} />
          <button type="submit" class="danger" aria-label={`Delete ${title}`}>
            Delete it
          </button>
        </form>
      </details>
    </li>
  )
}

const weekdays = ['Sundays', 'Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays']

/** A cron of the plain kinds in words: `Every day at 02:30`; any other as it is written. */
export function repeats({ cron }: Pick<ScheduleView, 'cron'>): string {
  if (cron === null) return 'Once'
  const [, minute = '', hour = '', day = ''] = /^(\d{1,2}) (\d{1,2}) \* \* (\*|1-5|[0-7])$/.exec(cron.trim()) ?? []
  if (minute === '') return `By cron: ${cron}`
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  if (day === '*') return `Every day at ${time}`
  return day === '1-5' ? `Monday to Friday at ${time}` : `${weekdays[Number(day)]} at ${time}`
}
