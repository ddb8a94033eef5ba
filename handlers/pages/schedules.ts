import { ApiError } from '../../core/gateway/api-error'
import type { Runtime } from '../../core/runtime'
import { type SchedulesSubject, schedulesPage, schedulesParts } from '../../views/pages/schedules'
import { addSchedule } from '../control/schedules'
import { act, formOf, html } from './answers'
import { liveView } from './live-view'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'
import { typedPlan } from './schedule-form'

const path = '/ui/schedules'

/** The page of planned swaps, and the forms that add and remove one. */
export function schedulePages(runtime: Runtime): PlainRoute[] {
  const page = (refused: SchedulesSubject['refused'] = null) => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
    const subject = { schedules: runtime.schedules.all(), zone, refused }
    return html(schedulesPage(subject, pageData(runtime)), refused ? 422 : 200)
  }

  return [
    { method: 'GET', path, handle: () => page() },
    {
      method: 'GET',
      path: `${path}/events`,
      handle: (request) =>
        liveView(request, runtime, { parts: (data) => schedulesParts(runtime.schedules.all(), data) }),
    },
    {
      method: 'POST',
      path,
      async handle(request) {
        const typed = Object.fromEntries(await formOf(request))
        try {
          addSchedule(runtime, typedPlan(typed))
          return Response.redirect(path, 303)
        } catch (error) {
          if (!(error instanceof ApiError)) throw error
          return page({ typed, problem: error.message })
        }
      },
    },
    {
      method: 'POST',
      path: `${path}/delete`,
      // Gone already is as good as gone.
      handle: (request) => act(request, async (form) => runtime.schedules.remove(form.get('id') ?? ''), path),
    },
  ]
}
