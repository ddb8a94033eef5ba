/** @jsxImportSource #jsx */
import type { ScheduleView } from '../../core/coordination/schedules'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import type { Parts } from '../partial'
import { calendarPart } from '../parts/calendar'
import { Live } from '../parts/live'
import { ScheduleForm, type TypedSchedule } from '../parts/schedule-form'
import { schedulesPart } from '../parts/schedules'

/** What the page of schedules shows beside what every page has. */
export interface SchedulesSubject {
  schedules: ScheduleView[]
  /** The controller's own time zone, for who reads without a script. */
  zone: string
  /** What was typed and could not be taken, and why; null for an empty form. */
  refused: { typed: TypedSchedule; problem: string } | null
}

/** Who plans which swap when: the next days, every schedule, and the form that adds one. */
export function schedulesPage(subject: SchedulesSubject, data: PageData): Html {
  const { schedules, zone, refused } = subject
  const parts = schedulesParts(schedules, data)
  return layout({
    title: 'Schedules',
    data,
    children: (
      <Live path="/ui/schedules/events">
        <h1>Schedules</h1>
        {refused && <ScheduleForm {...refused} zone={zone} data={data} />}
        {parts.calendar}
        {parts.schedules}
        {!refused && <ScheduleForm typed={{}} problem={null} zone={zone} data={data} />}
      </Live>
    ),
  })
}

/** The blocks of the page that change, by element id. */
export function schedulesParts(schedules: ScheduleView[], data: PageData): Parts {
  return { calendar: calendarPart(data), schedules: schedulesPart(schedules, data) }
}
