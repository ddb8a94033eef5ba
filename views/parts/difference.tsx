/** @jsxImportSource #jsx */
/** A unified difference: each line has its sign, and those that changed a colour beside it. */
export function Difference(props: { label: string; lines: string[] }) {
  return (
    <pre class="difference" tabindex={0} role="group" aria-label={props.label}>
      {props.lines.map(marked)}
    </pre>
  )
}

function marked(line: string) {
  const whole = `${line}\n`
  if (line.startsWith('+')) return <ins>{whole}</ins>
  return line.startsWith('-') ? <del>{whole}</del> : <span>{whole}</span>
}
