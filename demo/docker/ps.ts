import { type Container, type ContainerState, containers, type Health, healthOf, stateOf } from './container'
import { since } from './duration'
import { fail } from './fail'
import { readOptions } from './options'
import { alignColumns, renderTemplate, tableHeader } from './template'

const HEADERS: Record<string, string> = {
  ID: 'CONTAINER ID',
  RunningFor: 'CREATED',
  CreatedAt: 'CREATED AT',
  Label: 'LABEL',
}
const COLUMNS = 'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}'

/** `docker ps`: newest first; running ones only, unless `-a` or a status is asked for. */
export function ps(argv: string[]) {
  const options = readOptions('ps', argv, {
    values: ['filter', 'format', 'last'],
    switches: ['all', 'quiet', 'no-trunc', 'size', 'latest'],
    shorts: { a: 'all', q: 'quiet', f: 'filter', n: 'last', l: 'latest', s: 'size' },
  })
  const filters = options.all('filter')
  const all = options.on('all') || filters.some((filter) => /^(status|exited)=/.test(filter))
  const shown = containers()
    .map((container) => ({ container, state: stateOf(container.name) }))
    .filter(({ state }) => all || state.status === 'running' || state.status === 'restarting')
    .filter((one) => passes(filters, one.container, one.state))
  const full = options.on('no-trunc')
  if (options.on('quiet')) return print(shown.map(({ container }) => (full ? container.id : container.id.slice(0, 12))))
  const rows = shown.map(({ container, state }) => row(container, state, full))
  const format = options.one('format') ?? COLUMNS
  if (format === 'json') return print(rows.map((one) => JSON.stringify(one)))
  if (!format.startsWith('table ')) return print(rows.map((one) => renderTemplate(format, one)))
  const template = format.slice('table '.length)
  const lines = [tableHeader(template, HEADERS), ...rows.map((one) => renderTemplate(template, one))]
  console.log(alignColumns(lines.map((line) => line.split('\t'))))
}

/** `Up 12 minutes (healthy)`, `Exited (0) 4 seconds ago`, `Created`. */
export function statusOf(state: ContainerState, health: Health | null = null): string {
  const said = health ? ` (${health.status === 'starting' ? 'health: starting' : health.status})` : ''
  if (state.status === 'running') return `Up ${since(state.startedAt)}${said}`
  if (state.status === 'restarting') return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`
  return state.status === 'exited' ? `Exited (${state.exitCode}) ${since(state.finishedAt)} ago` : 'Created'
}

function row(container: Container, state: ContainerState, full: boolean) {
  const command = container.command.join(' ')
  const cells = {
    Command: `"${full || command.length <= 20 ? command : `${command.slice(0, 19)}…`}"`,
    CreatedAt: `${new Date(container.created).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`,
    ID: full ? container.id : container.id.slice(0, 12),
    Image: container.image,
    Labels: Object.entries(container.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: '0',
    Mounts: container.mounts.map(({ source }) => source).join(','),
    Names: container.name,
    Networks: container.network,
    Ports:
      state.status === 'running'
        ? container.ports.map((port) => `0.0.0.0:${port.replace(':', '->')}/tcp`).join(', ')
        : '',
    RunningFor: `${since(container.created)} ago`,
    Size: '0B',
    State: state.status,
    Status: statusOf(state, healthOf(container)),
  }
  return Object.defineProperty(cells, 'labels', { value: container.labels, enumerable: false })
}

/** Filters of one key are alternatives, different keys must all hold. `name=` is an unanchored regular expression. */
function passes(filters: string[], container: Container, state: ContainerState): boolean {
  const byKey = Map.groupBy(filters, (filter) => filter.split('=')[0] ?? '')
  return [...byKey].every(([key, group]) =>
    group.some((filter) => {
      const value = filter.slice(key.length + 1)
      if (key === 'name') return new RegExp(value).test(container.name) || new RegExp(value).test(`/${container.name}`)
      if (key === 'id') return container.id.startsWith(value)
      if (key === 'status') return state.status === value
      if (key === 'exited') return state.status === 'exited' && String(state.exitCode) === value
      if (key === 'health') return (healthOf(container)?.status ?? 'none') === value
      if (key === 'ancestor') return container.image === value || `${container.image}:latest` === value
      if (key === 'label') {
        const at = value.indexOf('=')
        return at < 0 ? value in container.labels : container.labels[value.slice(0, at)] === value.slice(at + 1)
      }
      return fail(`Error response from daemon: invalid filter '${key}'`)
    }),
  )
}

function print(lines: string[]) {
  if (lines.length > 0) console.log(lines.join('\n'))
}
