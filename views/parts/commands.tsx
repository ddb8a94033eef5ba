/** @jsxImportSource #jsx */
/** A command as it would be typed on a host. */
export interface HostCommand {
  /** The host's title. */
  host: string
  command: string
}

/** Commands with the host they are run on, each to be read whole. */
export function Commands(props: { commands: HostCommand[] }) {
  if (props.commands.length === 0) return <p>What would be run can't be told: no service takes models.</p>
  return (
    <ul class="rows">
      {props.commands.map(({ host, command }) => (
        <li>
          <p class="small">On {host}</p>
          <pre tabindex={0} role="group" aria-label={`Command on ${host}`}>
            <code>{command}</code>
          </pre>
        </li>
      ))}
    </ul>
  )
}
