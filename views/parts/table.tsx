/** @jsxImportSource #jsx */
import type { Child } from '../elements'

/** Rows under headings, the first cell naming its row; on a phone each row stands as a block of its own. */
export function Table(props: { label: string; head: string[]; rows: Child[][] }) {
  const { label, head, rows } = props
  return (
    <table aria-label={label}>
      <thead>
        <tr>
          {head.map((name) => (
            <th scope="col">{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([first, ...rest]) => (
          <tr>
            <th scope="row">{first}</th>
            {rest.map((cell, index) => (
              <td data-label={head[index + 1]}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
