import { rmSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { emit, find, named, save, stateOf } from './container'
import { fail } from './fail'
import { insideOf, recordGroup } from './lifecycle'
import { readOptions } from './options'

/** What was asked of `docker exec`, kept in execs/<pid>.json as long as it runs, so that it can be run again. */
export interface Exec {
  command: string[]
  environment: Record<string, string>
  workdir: string | null
  containerId: string
}

/** `docker exec`: a real process in the container's environment, in a session of its own as runc gives it. */
export async function exec(argv: string[]) {
  const options = readOptions('exec', argv, {
    values: ['env', 'workdir', 'user', 'env-file', 'detach-keys'],
    switches: ['detach', 'interactive', 'tty', 'privileged'],
    shorts: { d: 'detach', i: 'interactive', t: 'tty', e: 'env', w: 'workdir', u: 'user' },
    commandFollows: true,
  })
  const [reference, ...command] = options.rest
  if (!reference || command.length === 0)
    return fail(
      "docker: 'docker exec' requires at least 2 arguments\n\nUsage:  docker exec [OPTIONS] CONTAINER COMMAND [ARG...]",
    )
  const container = named(reference)
  if (stateOf(container.name).status !== 'running')
    fail(`Error response from daemon: container ${container.id} is not running`)
  if (options.on('tty') && options.on('interactive') && !options.on('detach') && !process.stdin.isTTY)
    fail('the input device is not a TTY')
  const own = Object.fromEntries(
    options.all('env').map((word) => [word.split('=')[0] ?? '', word.slice(word.indexOf('=') + 1)]),
  )
  const workdir = options.one('workdir')
  const inside = insideOf(container, command, own, workdir ?? undefined)
  if (!inside.found) {
    const missing = `exec: "${command[0]}": executable file not found in $PATH`
    fail(`OCI runtime exec failed: exec failed: unable to start container process: ${missing}: unknown`, 127)
  }
  const detached = options.on('detach')
  const child = Bun.spawn(inside.args, {
    cwd: inside.cwd,
    env: inside.environment,
    stdio: detached
      ? ['ignore', 'ignore', 'ignore']
      : [options.on('interactive') ? 'inherit' : 'ignore', 'inherit', 'inherit'],
    detached: true,
  })
  const record = join(inside.directory, 'execs', `${child.pid}.json`)
  const kept: Exec = { command, environment: own, workdir, containerId: container.id }
  save(record, JSON.stringify(kept))
  recordGroup(child.pid, container.name)
  emit(`exec_start: ${command.join(' ')}`, container, { execID: String(child.pid) })
  if (detached) return child.unref()
  await child.exited
  rmSync(record, { force: true })
  process.exitCode = child.signalCode
    ? 128 + constants.signals[child.signalCode as NodeJS.Signals]
    : (child.exitCode ?? 1)
  if (find(container.name)) emit('exec_die', container, { exitCode: String(process.exitCode) })
}
