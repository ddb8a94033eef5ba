/** @jsxImportSource #jsx */
import type { Html } from './html'

/** The blocks of a page by element id. */
export type Parts = Record<string, Html>

/** One block as the live stream carries it: the page morphs the element of that id into it. */
export function partial(id: string, html: Html): Html {
  return (
    <hx-partial hx-target={`#${selectorName(id)}`} hx-swap="outerMorph">
      {html}
    </hx-partial>
  )
}

/** The blocks that differ from those sent before; a change of ages alone is none, because browsers count those. */
export function changed(before: Parts, after: Parts): string[] {
  return Object.keys(after).filter((id) => ageless(before[id]) !== ageless(after[id]))
}

/** What an open page must be sent after a change, empty where it shows all already. */
export function changes(before: Parts, after: Parts): string {
  return changed(before, after)
    .map((id) => (after[id] ? partial(id, after[id]).value : ''))
    .join('')
}

/** Whether both have the same blocks; if not, only the whole page body can be sent. */
export function sameIds(before: Parts, after: Parts): boolean {
  return Object.keys(before).join() === Object.keys(after).join()
}

function ageless(html: Html | undefined): string | undefined {
  return html?.value.replace(/(<time [^>]*>)[^<]*/g, '$1')
}

// Ids may hold dots, which a selector would read as classes.
function selectorName(id: string): string {
  return id.replace(/[^a-zA-Z0-9_-]/g, (character) => `\\${character}`)
}
