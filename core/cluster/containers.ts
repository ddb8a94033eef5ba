import { plainText } from './plain-text'
import type { ContainerFact } from './snapshot'

// A container that is removed between the two questions makes the second fail: it is asked again then.
const script = `
for try in 1 2 3; do
  ids=$(docker ps -aq --no-trunc) || exit 1
  [ -n "$ids" ] || exit 0
  docker inspect --type container --format '{{.Name}}|{{.Config.Image}}|{{json .State}}' $ids && exit 0
done
exit 1
`

/** Every container of a host, running or not. */
export function listCommand(): string[] {
  return ['sh', '-c', script]
}

/** What happens to the containers of a host, as it happens. */
export function eventsCommand(): string[] {
  return ['docker', 'events', '--format', '{{json .}}', '--filter', 'type=container']
}

/** Reads the list; whether an end was asked for is known from the events alone, so it is kept from the list before. */
export function readContainers(text: string, before: ContainerFact[]): ContainerFact[] {
  const byName = new Map<string, ContainerFact>()
  for (const line of text.split('\n').slice(0, 2000)) {
    const [, name = '', image = '', json = ''] = /^\/?([^|]+)\|([^|]*)\|(\{.*\})$/.exec(line) ?? []
    const state = stateOf(json)
    if (name === '' || state === null) continue
    const fact = { name: plainText(name), image: plainText(image), ...state }
    const known = before.find((each) => each.name === fact.name && each.started_at === fact.started_at)
    const ended = fact.exit_code !== null
    byName.set(fact.name, {
      ...fact,
      crashed: ended && (fact.out_of_memory || (wasEnded(known) ? known.crashed : isCrash(fact.exit_code))),
    })
  }
  return [...byName.values()]
}

/** `.State` of docker inspect. */
function stateOf(json: string): Omit<ContainerFact, 'name' | 'image' | 'crashed'> | null {
  try {
    const { Status, Health, StartedAt, ExitCode, OOMKilled } = JSON.parse(json)
    const health = String(Health?.Status ?? '')
    const ended = Status === 'exited' || Status === 'dead'
    return {
      state: plainText(String(Status ?? 'unknown'), 40),
      health: isHealth(health) ? health : null,
      started_at: time(String(StartedAt ?? '')),
      exit_code: ended && Number.isInteger(ExitCode) ? ExitCode : null,
      out_of_memory: OOMKilled === true,
    }
  } catch {
    return null
  }
}

/** One thing that happened to a container. */
export interface ContainerEvent {
  name: string
  action: string
  /** ms since the epoch by the Spark's own clock. */
  at: number
  exitCode: number | null
  /** Of a `kill`: what was sent. */
  signal: string | null
}

/** Reads one line of `docker events`; null for what is no event of a container's life. */
export function readEvent(line: string): ContainerEvent | null {
  try {
    const { Action, status, Actor, timeNano, time } = JSON.parse(line)
    const action = String(Action ?? status ?? '')
    const name = plainText(String(Actor?.Attributes?.name ?? ''))
    // An exec in a container (each health check is one) changes nothing of the container.
    if (name === '' || /^(exec_|top|archive-path|attach|resize|extract-to-dir)/.test(action)) return null
    const code = Number(Actor.Attributes.exitCode)
    return {
      name,
      action: plainText(action, 60),
      at: timeNano ? Number(timeNano) / 1e6 : Number(time) * 1000,
      exitCode: Number.isInteger(code) ? code : null,
      signal: Actor.Attributes.signal === undefined ? null : plainText(String(Actor.Attributes.signal), 20),
    }
  } catch {
    return null
  }
}

/** Was the container told to end? Other signals only tell it something (HUP, USR1, WINCH, …). */
export function toldToEnd({ action, signal }: ContainerEvent): boolean {
  return action === 'kill' && !/^(1|10|12|28|(SIG)?(HUP|USR1|USR2|WINCH))$/.test(signal ?? '')
}

/** The list after an event, ahead of asking docker again. @param asked somebody told the container to end */
export function afterEvent(containers: ContainerFact[], event: ContainerEvent, asked: boolean): ContainerFact[] {
  const { name, action } = event
  if (action === 'destroy') return containers.filter((each) => each.name !== name)
  const change = changeOf(event, asked)
  return change ? containers.map((each) => (each.name === name ? { ...each, ...change } : each)) : containers
}

function changeOf({ action, exitCode, at }: ContainerEvent, asked: boolean): Partial<ContainerFact> | null {
  if (action === 'start') {
    const started_at = new Date(at).toISOString()
    return { state: 'running', health: null, started_at, exit_code: null, out_of_memory: false, crashed: false }
  }
  if (action === 'die') return { state: 'exited', health: null, exit_code: exitCode, crashed: !asked && exitCode !== 0 }
  if (action === 'oom') return { out_of_memory: true }
  if (action === 'pause') return { state: 'paused' }
  if (action === 'unpause') return { state: 'running' }
  const health = /^health_status: (\w+)/.exec(action)?.[1] ?? ''
  return isHealth(health) ? { health } : null
}

/** How a container stands, in words: `exited with code 137, out of memory`. */
export function containerInWords({ state, exit_code, out_of_memory }: ContainerFact): string {
  return `${state}${exit_code === null ? '' : ` with code ${exit_code}`}${out_of_memory ? ', out of memory' : ''}`
}

function wasEnded(known: ContainerFact | undefined): known is ContainerFact {
  return known !== undefined && known.exit_code !== null
}

// Codes of a program that was told to end (INT, KILL, TERM): by whom is not known from the code alone.
function isCrash(code: number | null): boolean {
  return code !== null && ![0, 130, 137, 143].includes(code)
}

function isHealth(text: string): text is 'healthy' | 'unhealthy' | 'starting' {
  return text === 'healthy' || text === 'unhealthy' || text === 'starting'
}

// docker writes nanoseconds, and the year 1 for what never was.
function time(text: string): string | null {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text)
  if (!found || text.startsWith('0001')) return null
  const ms = Date.parse(`${found[1]}.${(found[2] ?? '0').slice(0, 3).padEnd(3, '0')}${found[3]}`)
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}
