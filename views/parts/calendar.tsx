/** @jsxImportSource #jsx */
import { duration } from '../format/duration'
import type { OccurrenceView, PageData } from '../page-data'
import { recipeName } from './swap-words'
import { Clock, Day } from './when'

const shown = 30

/** Who plans which swap in the next seven days, by day; nothing of it is run from here. */
export function calendarPart(data: PageData) {
  const { calendar } = data
  return (
    <section id="calendar" class="panel" aria-labelledby="calendar-title">
      <h2 id="calendar-title">Planned in the next 7 days</h2>
      {calendar.length === 0 ? (
        <p>
          Nothing is planned. Apps announce their swaps here, so that people and other apps can keep clear of them:{' '}
          <a href="/ui/coordination#schedules">how an app adds one</a>, or{' '}
          <a href="/ui/schedules#add-title">add one yourself</a>.
        </p>
      ) : (
        <>
          <ol class="agenda">
            {calendar.slice(0, shown).map((occurrence, index) => entry(occurrence, calendar[index - 1]?.begins, data))}
          </ol>
          <p>
            {calendar.length > shown && 'And more. '}
            <a href="/ui/schedules">All schedules</a>
          </p>
        </>
      )}
    </section>
  )
}

function entry(occurrence: OccurrenceView, before: string | undefined, data: PageData) {
  const { owner, title, recipe, begins, ends, overlaps } = occurrence
  return (
    <li>
      <p class="day">
        <Day time={begins} before={before} />
      </p>
      <p class="hour">
        <Clock time={begins} />
      </p>
      <div>
        <p>
          <strong>{title}</strong> <span class="small">by {owner}</span>
        </p>
        <p class="small">
          {recipe === null ? 'no model' : recipeName(recipe, data)} for{' '}
          {duration((Date.parse(ends) - Date.parse(begins)) / 1000)}
        </p>
        {overlaps.length > 0 && <p class="trouble">At the same time as {overlaps.join(' and ')}</p>}
      </div>
    </li>
  )
}
