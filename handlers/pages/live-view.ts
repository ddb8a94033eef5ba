import type { Runtime } from '../../core/runtime'
import type { PageData } from '../../views/page-data'
import { overviewChanges, overviewParts } from '../../views/pages/overview'
import { type Parts, changes as partChanges } from '../../views/partial'
import { eventStream } from '../event-stream'
import { pageData } from './page-data'

const shortestPauseMs = 250
const tickMs = 5000

/** What a page is kept true by: its blocks, and the text that brings an open page from some to others. */
export interface LiveParts {
  parts(data: PageData): Parts
  /** Left out: the blocks that changed. */
  changes?(before: Parts, after: Parts, data: PageData): string
}

const overview: LiveParts = { parts: overviewParts, changes: overviewChanges }

/** Sends the blocks that changed, at most four times a second however much happens. */
export function liveView(
  request: Request,
  runtime: Runtime,
  { parts: partsOf, changes = partChanges }: LiveParts = overview,
): Response {
  return eventStream(request, (send) => {
    let shown = partsOf(pageData(runtime))
    let timer: ReturnType<typeof setTimeout> | null = null
    const show = () => {
      timer = null
      if (request.signal.aborted) return
      const data = pageData(runtime)
      const parts = partsOf(data)
      const text = changes(shown, parts, data)
      shown = parts
      if (text !== '') send({ data: text })
    }
    // The page may be older than this connection: everything is sent once.
    send({ data: changes({}, shown, pageData(runtime)) })
    // A comment would keep the line open too, but the page never sees one, and it must notice a link that died.
    const tick = setInterval(() => send({ event: 'tick', data: new Date().toISOString() }), tickMs)
    const stop = runtime.hub.subscribe(() => {
      timer ??= setTimeout(show, shortestPauseMs)
    })
    return () => {
      stop()
      clearInterval(tick)
      if (timer) clearTimeout(timer)
    }
  })
}
