import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { containerEnvironment } from '../machine/environment'
import { alive, killAll, signal } from '../machine/processes'
import {
  type Container,
  directoryOf,
  emit,
  find,
  hostDirectory,
  removeContainer,
  saveState,
  stateOf,
} from './container'
import { fail } from './fail'

/** The variables and arguments of a process inside `container`: mount targets become the directories that play them. */
export function insideOf(container: Container, command: string[], own: Record<string, string> = {}, workdir?: string) {
  const directory = directoryOf(container.name)
  const paths = mappings(container)
  const environment = containerEnvironment(process.env, container.name, { ...container.environment, ...own })
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

/** Starts the container's first process under its shim and waits until its pid is known. */
export async function startContainer(container: Container) {
  const { args, environment, cwd, directory, found } = insideOf(container, container.command)
  const program = container.command[0]
  if (!found) {
    const missing = `exec: "${program}": executable file not found in $PATH`
    fail(`docker: Error response from daemon: failed to create task for container: ${missing}: unknown`, 127)
  }
  // A daemon starts a container whole, whatever becomes of the client that asked for it.
  const deaf = () => {}
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, deaf)
  rmSync(join(directory, 'pid'), { force: true })
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
  saveState(container.name, { status: 'running', pid, exitCode: 0, startedAt: Date.now(), finishedAt: 0 })
  emit('start', container)
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.off(name, deaf)
}

/** TERM, the grace (shorter at a higher speed), then KILL; returns when the first process and all beside it are gone. */
export async function stopContainer(container: Container, graceSeconds: number, first: NodeJS.Signals = 'SIGTERM') {
  const { status, pid } = stateOf(container.name)
  if (status !== 'running') return
  emit('kill', container, { signal: String(first === 'SIGKILL' ? 9 : 15) })
  signal(pid, first)
  const speed = Math.min(Math.max(Number(process.env.SPARK_SIM_SPEED) || 1, 1), 20)
  const deadline = Date.now() + (first === 'SIGKILL' ? 0 : (graceSeconds * 1000) / speed)
  while (alive(pid) && Date.now() < deadline) await Bun.sleep(10)
  if (alive(pid)) signal(pid, 'SIGKILL')
  await settled(container)
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

/** Records the end of a container's first process: everything else in it dies too, and `--rm` removes it. */
export function finish(container: Container, exitCode: number, host = hostDirectory()) {
  killAll({ directory: host, container: container.name })
  forgetClaims(host)
  const state = stateOf(container.name, host)
  saveState(container.name, { ...state, status: 'exited', pid: 0, exitCode, finishedAt: Date.now() }, host)
  rmSync(join(directoryOf(container.name, host), 'pid'), { force: true })
  emit('die', container, { exitCode: String(exitCode) }, host)
  if (container.autoRemove) removeContainer(container, host)
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

function mappings(container: Container): [string, string][] {
  const directory = directoryOf(container.name)
  return [
    ['/proc/1/fd/1', join(directory, 'log')],
    ['/proc/1/fd/2', join(directory, 'log')],
    ['/proc/sys/vm/drop_caches', join(hostDirectory(), 'state/drop_caches')],
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
