/** @jsxImportSource #jsx */
/** Problems of a declared file, one printed line each. */
export function Problems(props: { lines: string[] }) {
  return (
    <ul class="findings">
      {props.lines.map((line) => (
        <li>
          <code>{line}</code>
        </li>
      ))}
    </ul>
  )
}
