import { isCursor } from '../../core/history/events'
import type { Runtime } from '../../core/runtime'
import { activityPage } from '../../views/pages/activity'
import { html } from './answers'
import { pageData } from './page-data'
import type { PlainRoute } from './plain-route'

const perPage = 50

/** The page of what happened. */
export function activityPages(runtime: Runtime): PlainRoute[] {
  return [
    {
      method: 'GET',
      path: '/ui/activity',
      handle(request) {
        const asked = new URL(request.url).searchParams
        const host = idOf(asked.get('host'))
        const service = host === null ? idOf(asked.get('service')) : null
        const text = asked.get('cursor') ?? ''
        const cursor = isCursor(text) ? text : undefined
        const query = { host: host ?? undefined, service: service ?? undefined, cursor, limit: perPage }
        const found = runtime.history.events(query)
        return html(activityPage({ ...found, host, service, older: cursor !== undefined }, pageData(runtime)))
      },
    },
  ]
}

/** A filter that a person mistyped shows everything. */
function idOf(text: string | null): string | null {
  return text !== null && /^[a-z0-9][a-z0-9._-]{0,63}$/.test(text) ? text : null
}
