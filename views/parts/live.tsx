/** @jsxImportSource #jsx */
import type { Child } from '../elements'

/** The content of a page that follows the cluster over one stream; the extra trigger retries a failed first connection. */
export function Live(props: { children: Child; path?: string }) {
  return (
    <main
      id="main"
      tabindex={-1}
      hx-sse:connect={props.path ?? '/ui/events'}
      hx-trigger="load, every 3s"
      hx-swap="none"
    >
      <Notice />
      {props.children}
    </main>
  )
}

/** Where the answer to a click is told; empty until there is one. */
export function Notice(props: { text?: string; remedy?: string | null }) {
  return (
    <div id="notice" role="alert">
      {props.text && (
        <p class="notice bad">
          {props.text}
          {props.remedy && <> {props.remedy}</>}
        </p>
      )}
    </div>
  )
}
