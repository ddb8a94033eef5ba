/** @jsxImportSource #jsx */
/** A command as it would be typed on a host. */
export interface HostCommand {
  /** The host's title. */
  host: string
  command: string
}

/** The command that starts a model, and those that look after it and end it. */
export function Commands(props: { commands: HostCommand[] }) {
  const [start, ...rest] = props.commands
  if (!start) return <p>What would be run can't be told here.</p>
  return (
    <ul class="rows">
      {block('To start it', [start])}
      {rest.length > 0 && block('To look after it and end it', rest)}
    </ul>
  )
}

function block(what: string, commands: HostCommand[]) {
  const title = `${what}, on ${[...new Set(commands.map(({ host }) => host))].join(' and ')}`
  return (
    <li>
      <p class="small">{title}</p>
      <pre tabindex={0} role="group" aria-label={title}>
        <code>{commands.map(({ command }) => command).join('\n')}</code>
      </pre>
    </li>
  )
}
