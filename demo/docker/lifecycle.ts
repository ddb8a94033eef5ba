import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { containerEnvironment } from '../machine/environment'
import { alive, killAll, signal } from '../machine/processes'
import {
  type Container,
  containers,
  directoryOf,
  emit,
  find,
  hostDirectory,
  removeContainer,
  saveState,
  stateOf,
} from './container'
import { fail } from './fail'

/**
 * The variables and arguments of a process inside `container`: mount targets become the directories that play them.
 * `host` is the environment of the host it runs on.
 */
export function insideOf(
  container: Container,
  command: string[],
  own: Record<string, string> = {},
  workdir?: string,
  host: Record<string, string | undefined> = process.env,
) {
  const directory = directoryOf(container.name, host.SPARK_SIM_DIR)
  const paths = mappings(container, directory, host.SPARK_SIM_DIR ?? '')
  const environment = containerEnvironment(host, container.name, {
    ...cachesOf(container, directory),
    ...ownCaches({ ...container.environment, ...own }, paths),
  })
  const cwd = mapped(workdir ?? container.workdir ?? '/workspace', paths)
  if (!existsSync(cwd)) mkdirSync(cwd, { recursive: true })
  const args = command.map((word) => mapped(word, paths))
  const program = args[0] ?? ''
  return {
    args,
    environment,
    cwd,
    directory,
    found: program.includes('/') ? isProgram(program) : onPath(program, environment.PATH ?? ''),
  }
}

const CACHE = '/root/.cache/huggingface'

/** Where a program finds the Hugging Face cache: in what is mounted over root's, not in the home of the host. */
function cachesOf({ mounts }: Container, directory: string): Record<string, string> {
  const sourceOf = (target: string) => mounts.findLast((mount) => mount.target === target)?.source
  const hub = sourceOf(`${CACHE}/hub`)
  return { HF_HOME: sourceOf(CACHE) ?? join(directory, 'root/huggingface'), ...(hub ? { HF_HUB_CACHE: hub } : {}) }
}

/** Variables that name a cache name it inside the container. */
function ownCaches(variables: Record<string, string>, paths: [string, string][]): Record<string, string> {
  const named = /^(HF_HOME|HF_HUB_CACHE|HUGGINGFACE_HUB_CACHE)$/
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, named.test(name) ? mapped(value, paths) : value]),
  )
}

/** Starts the container's first process under its shim and waits until its pid is known; `restarts` counts those by policy. */
export async function startContainer(container: Container, restarts = 0) {
  const { args, environment, cwd, directory, found } = insideOf(container, container.command)
  const program = container.command[0]
  if (!found) {
    const missing = `exec: "${program}": executable file not found in $PATH`
    fail(`docker: Error response from daemon: failed to create task for container: ${missing}: unknown`, 127)
  }
  // A daemon starts a container whole, whatever becomes of the client that asked for it.
  const deaf = () => {}
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, deaf)
  for (const file of ['pid', 'stopped']) rmSync(join(directory, file), { force: true })
  const own = [container.name, directory, process.execPath, join(import.meta.dir, 'reap.ts')]
  // The shim is no member of the container: what ends every member must not end the shim.
  const shim = Bun.spawn(['/bin/sh', join(import.meta.dir, 'shim.sh'), ...own, ...args], {
    cwd,
    env: { ...environment, SPARK_SIM_CONTAINER: '' },
    stdio: ['ignore', 'ignore', 'ignore'],
    detached: true,
  })
  shim.unref()
  recordGroup(shim.pid, container.name)
  while (!existsSync(join(directory, 'pid')) && alive(shim.pid)) await Bun.sleep(2)
  const pid = Number(readFileSync(join(directory, 'pid'), 'utf8'))
  const { finishedAt } = stateOf(container.name)
  saveState(container.name, {
    status: 'running',
    pid,
    exitCode: 0,
    startedAt: Date.now(),
    finishedAt,
    oomKilled: false,
    restarts,
  })
  emit('start', container)
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.off(name, deaf)
}

/** TERM, the grace (shorter at a higher speed), then KILL; when it returns the first process and all beside it are gone. Did it run? */
export async function stopContainer(container: Container, graceSeconds: number, first: NodeJS.Signals = 'SIGTERM') {
  const state = stateOf(container.name)
  const { status, pid } = state
  if (status !== 'running' && status !== 'restarting') return false
  writeFileSync(join(directoryOf(container.name), 'stopped'), '')
  if (status === 'restarting') {
    saveState(container.name, { ...state, status: 'exited' })
    return true
  }
  send(container, pid, first)
  const speed = Math.min(Math.max(Number(process.env.SPARK_SIM_SPEED) || 1, 1), 20)
  const deadline = Date.now() + (first === 'SIGKILL' ? 0 : (graceSeconds * 1000) / speed)
  while (alive(pid) && Date.now() < deadline) await Bun.sleep(10)
  if (first !== 'SIGKILL' && alive(pid)) send(container, pid, 'SIGKILL')
  await settled(container)
  return true
}

function send(container: Container, pid: number, name: NodeJS.Signals) {
  emit('kill', container, { signal: String(constants.signals[name]) })
  signal(pid, name)
}

/** Waits for the shim's last word, and writes it in its place if the shim was killed too. */
async function settled(container: Container) {
  for (let waited = 0; waited < 200; waited++) {
    const left = find(container.name)
    if (left?.id !== container.id || !existsSync(join(directoryOf(container.name), 'pid'))) return
    await Bun.sleep(5)
  }
  finish(container, 137)
}

/**
 * Records the end of a container's first process: everything else in it dies too, and `--rm` removes it. Does its policy
 * want it started again?
 */
export function finish(container: Container, exitCode: number, host = hostDirectory()): boolean {
  killAll({ directory: host, container: container.name })
  forgetClaims(host)
  const state = stateOf(container.name, host)
  const finishedAt = Date.now()
  const again = restarts(container, exitCode, state.restarts, host)
  saveState(container.name, { ...state, status: again ? 'restarting' : 'exited', pid: 0, exitCode, finishedAt }, host)
  const execDuration = String(Math.floor((finishedAt - state.startedAt) / 1000))
  emit('die', container, { execDuration, exitCode: String(exitCode) }, host)
  rmSync(join(directoryOf(container.name, host), 'pid'), { force: true })
  if (container.autoRemove) removeContainer(container, host)
  return again
}

function restarts({ name, restart }: Container, exitCode: number, times: number, host: string): boolean {
  if (existsSync(join(directoryOf(name, host), 'stopped'))) return false
  const [policy, most] = restart.split(':')
  if (policy === 'on-failure') return exitCode !== 0 && (most === undefined || times < Number(most))
  return policy === 'always' || policy === 'unless-stopped'
}

/** The kernel ended one of its processes: the daemon hears of it from the container's cgroup. */
export function noteOutOfMemory(name: string, host: string) {
  const container = containers(host).find((one) => one.name === name)
  if (!container) return
  saveState(name, { ...stateOf(name, host), oomKilled: true }, host)
  emit('oom', container, {}, host)
}

/** The driver no longer lists what has died, even while its memory is on its way back. */
function forgetClaims(host: string) {
  const directory = join(host, 'state/memory')
  for (const pid of existsSync(directory) ? readdirSync(directory) : []) {
    if (/^\d+$/.test(pid) && !alive(Number(pid))) rmSync(join(directory, pid), { force: true })
  }
}

/** Where there is no /proc, a host's processes are found by the groups written here. */
export function recordGroup(group: number, container = '') {
  if (process.platform === 'linux') return
  const directory = join(hostDirectory(), 'state/groups')
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, String(group)), container)
}

function mappings(container: Container, directory: string, host: string): [string, string][] {
  return [
    ['/proc/1/fd/1', join(directory, 'log')],
    ['/proc/1/fd/2', join(directory, 'log')],
    ['/proc/sys/vm/drop_caches', join(host, 'state/drop_caches')],
    ...container.mounts.map(({ source, target }): [string, string] => [target, source]),
    ['/workspace', join(directory, 'root/workspace')],
  ]
}

/** Replaces whole paths only: `/workspace` in `/workspace/x`, not in `/workspaces` or `/my/workspace`. */
export function mapped(text: string, paths: [string, string][]): string {
  return paths.reduce((result, [target, real]) => {
    const pattern = new RegExp(`(?<![\\w./-])${target.replace(/[.*+?^${'$'}{}()|[\]\\]/g, '\\$&')}(?![\\w.-])`, 'g')
    return result.includes(target) ? result.replace(pattern, () => real) : result
  }, text)
}

const onPath = (program: string, path: string) =>
  path.split(delimiter).some((folder) => isProgram(join(folder, program)))

function isProgram(file: string): boolean {
  const facts = statSync(file, { throwIfNoEntry: false })
  return facts?.isFile() === true && (facts.mode & 0o111) !== 0
}
