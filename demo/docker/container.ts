import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { list } from '../machine/files'
import { alive } from '../machine/processes'
import { fail } from './fail'

/** What `docker run` was told, kept in state/containers/<name>/container.json. */
export interface Container {
  id: string
  name: string
  image: string
  imageId: string
  /** What runs: the entrypoint's words, then the command's. */
  command: string[]
  /** The words that the image, or `--entrypoint`, puts before the command. */
  entrypoint: string[]
  environment: Record<string, string>
  labels: Record<string, string>
  mounts: { source: string; target: string }[]
  ports: string[]
  workdir: string | null
  network: string
  privileged: boolean
  /** `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:N`. */
  restart: string
  health: HealthCheck | null
  /** `--rm`: the container and its log vanish when its first process ends. */
  autoRemove: boolean
  /** Milliseconds since the epoch. */
  created: number
}

/** What `docker run --health-…` said, in milliseconds. */
export interface HealthCheck {
  command: string
  interval: number
  timeout: number
  retries: number
  startPeriod: number
  startInterval: number
}

export interface ContainerState {
  status: 'created' | 'running' | 'restarting' | 'exited'
  /** The real process that plays PID 1; 0 when none runs. */
  pid: number
  exitCode: number
  startedAt: number
  finishedAt: number
  /** The kernel killed one of its processes for want of memory. */
  oomKilled: boolean
  /** How often its policy has started it again since somebody did. */
  restarts: number
}

/** What the checks of a container with a HEALTHCHECK have found since it was started, kept in health.json. */
export interface Health {
  startedAt: number
  status: 'starting' | 'healthy' | 'unhealthy'
  failingStreak: number
  log: { Start: string; End: string; ExitCode: number; Output: string }[]
}

/** SPARK_SIM_DIR of the host this docker runs on. */
export const hostDirectory = () => process.env.SPARK_SIM_DIR ?? fail('docker: SPARK_SIM_DIR is not set')
export const containersDirectory = (host = hostDirectory()) => join(host, 'state/containers')
export const directoryOf = (name: string, host = hostDirectory()) => join(containersDirectory(host), name)

export function containers(host = hostDirectory()): Container[] {
  return list(containersDirectory(host))
    .flatMap((name) => json<Container>(join(directoryOf(name, host), 'container.json')) ?? [])
    .sort((a, b) => b.created - a.created)
}

/** By name, full id or a unique start of the id, as docker finds it; null when there is none. */
export function find(reference: string): Container | null {
  const wanted = reference.replace(/^\//, '')
  const all = containers()
  return all.find((one) => one.name === wanted) ?? all.find((one) => wanted && one.id.startsWith(wanted)) ?? null
}

export function named(reference: string): Container {
  return find(reference) ?? fail(`Error response from daemon: No such container: ${reference}`)
}

/** The state on disk, corrected by what really lives: a host that lost power had nobody left to write `exited`. */
export function stateOf(name: string, host = hostDirectory()): ContainerState {
  const directory = directoryOf(name, host)
  const idle: ContainerState = {
    status: 'created',
    pid: 0,
    exitCode: 0,
    startedAt: 0,
    finishedAt: 0,
    oomKilled: false,
    restarts: 0,
  }
  const state = json<ContainerState>(join(directory, 'state.json')) ?? idle
  if (state.status !== 'running' || alive(state.pid)) return state
  return { ...state, status: 'exited', pid: 0, exitCode: 137, finishedAt: state.finishedAt || Date.now() }
}

/** Null for one without a check, or that does not run. */
export function healthOf({ name, health }: Container, host = hostDirectory()): Health | null {
  const state = stateOf(name, host)
  if (!health || state.status !== 'running') return null
  const found = json<Health>(join(directoryOf(name, host), 'health.json'))
  if (found?.startedAt === state.startedAt) return found
  return { startedAt: state.startedAt, status: 'starting', failingStreak: 0, log: [] }
}

export function saveState(name: string, state: ContainerState, host = hostDirectory()) {
  save(join(directoryOf(name, host), 'state.json'), JSON.stringify(state))
}

export function saveContainer(container: Container) {
  mkdirSync(join(directoryOf(container.name), 'root/workspace'), { recursive: true })
  mkdirSync(join(directoryOf(container.name), 'execs'), { recursive: true })
  writeFileSync(join(directoryOf(container.name), 'log'), '')
  save(join(directoryOf(container.name), 'container.json'), JSON.stringify(container))
}

export function removeContainer(container: Container, host = hostDirectory()) {
  rmSync(directoryOf(container.name, host), { recursive: true, force: true })
  emit('destroy', container, {}, host)
}

/** Adds one line to what `docker events` prints. */
export function emit(
  action: string,
  container: Container,
  attributes: Record<string, string> = {},
  host = hostDirectory(),
) {
  const now = Date.now()
  // As of API 1.52 (docker 29): older daemons print `status`, `id` and `from` besides.
  const event = {
    Type: 'container',
    Action: action,
    Actor: {
      ID: container.id,
      Attributes: { image: container.image, name: container.name, ...container.labels, ...attributes },
    },
    scope: 'local',
    time: Math.floor(now / 1000),
    timeNano: now * 1e6,
  }
  appendFileSync(join(host, 'state/events'), `${JSON.stringify(event)}\n`)
}

/** Whole or not at all: a reader never sees half a file. */
export function save(file: string, text: string) {
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, text)
  renameSync(fresh, file)
}

export function json<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch {
    return null
  }
}
