/** @jsxImportSource #jsx */
/** Text to paste elsewhere, with a button that copies it; without a script it can still be selected. */
export function CopyLine(props: { id: string; text: string; label: string }) {
  return (
    <div class="copy">
      <pre tabindex={0} role="group" aria-label={props.label} hx-ignore>
        <code id={props.id}>{props.text}</code>
      </pre>
      <button type="button" class="quiet" data-copy={props.id} aria-label={`Copy: ${props.label}`}>
        Copy
      </button>
    </div>
  )
}
