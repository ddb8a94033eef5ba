import type { Runtime } from '../../core/runtime'
import { doctorPage, doctorReport } from '../../views/pages/doctor'
import { reportOf } from '../control/doctor'
import type { Kind } from '../kind'
import { html } from './answers'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'

const freshMs = 30_000

/** The page of the doctor: what it found last, or that it examines now. */
export function doctorPages(runtime: Runtime, kinds: Kind[]): PlainRoute[] {
  const reports = reportOf(runtime, kinds)
  return [
    {
      method: 'GET',
      path: '/ui/doctor',
      async handle(request) {
        const asked = new URL(request.url).searchParams
        if (asked.get('wait') === 'true') return html(doctorPage(await reports.get(), pageData(runtime)))
        const { latest } = reports
        const old = latest === null || Date.now() - Date.parse(latest.seen_at) > freshMs
        // Begun here, waited for by the fragment: the page itself comes at once.
        if (old || asked.get('fresh') === 'true') {
          reports.get({ fresh: true }).catch(() => {})
          return html(doctorPage(null, pageData(runtime)))
        }
        return html(doctorPage(latest, pageData(runtime)))
      },
    },
    {
      method: 'GET',
      path: '/ui/doctor/report',
      handle: async () => html(doctorReport(await reports.get(), pageData(runtime))),
    },
  ]
}
