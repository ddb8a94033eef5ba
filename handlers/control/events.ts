import { eventStream } from '../event-stream'
import type { Route } from '../route'

/** Everything that changes, as it changes. */
export const eventRoute: Route = {
  method: 'GET',
  path: '/api/events',
  tag: 'control',
  summary: 'SSE: a snapshot first, then changes; `Last-Event-ID` resumes',
  handle({ runtime, request }) {
    return eventStream(request, (send) => {
      const last = request.headers.get('last-event-id')
      const missed = last !== null && /^\d{1,16}$/.test(last) ? runtime.hub.since(Number(last)) : null
      if (missed) for (const { id, type, data } of missed) send({ id, event: type, data })
      else send({ id: runtime.hub.lastId, event: 'snapshot', data: runtime.view() })
      return runtime.hub.subscribe(({ id, type, data }) => send({ id, event: type, data }))
    })
  },
}
