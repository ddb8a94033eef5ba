import { cpSync, existsSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, join } from 'node:path'
import { type Container, directoryOf, emit, find, named, removeContainer, stateOf } from './container'
import { DockerFailure, fail } from './fail'
import { startContainer, stopContainer } from './lifecycle'
import { type Options, readOptions } from './options'

const GRACE_SECONDS = 10

export const stop = (argv: string[]) => {
  const options = graceful('stop', argv)
  return each('stop', options, async (container) => {
    const stopped = await stopContainer(container, grace(options), signalOf(options))
    if (stopped) emit('stop', container)
  })
}

export const restart = (argv: string[]) => {
  const options = graceful('restart', argv)
  return each('restart', options, async (container) => {
    if (await stopContainer(container, grace(options), signalOf(options))) emit('stop', container)
    await startContainer(container)
    emit('restart', container)
  })
}

export const start = (argv: string[]) =>
  each(
    'start',
    readOptions('start', argv, {
      values: [],
      switches: ['attach', 'interactive'],
      shorts: { a: 'attach', i: 'interactive' },
    }),
    async (container) => {
      if (stateOf(container.name).status !== 'running') await startContainer(container)
    },
  )

export const kill = (argv: string[]) => {
  const options = readOptions('kill', argv, { values: ['signal'], switches: [], shorts: { s: 'signal' } })
  const name = signalOf(options, 'KILL')
  return each('kill', options, async (container) => {
    const { status, pid } = stateOf(container.name)
    if (status !== 'running')
      fail(
        `Error response from daemon: cannot kill container: ${container.name}: container ${container.id} is not running`,
      )
    if (name === 'SIGKILL') await stopContainer(container, 0, 'SIGKILL')
    else {
      emit('kill', container, { signal: String(constants.signals[name]) })
      process.kill(pid, name)
    }
  })
}

export const rm = (argv: string[]) => {
  const options = readOptions('rm', argv, {
    values: [],
    switches: ['force', 'volumes', 'link'],
    shorts: { f: 'force', v: 'volumes', l: 'link' },
  })
  return each('rm', options, async (container) => {
    if (['running', 'restarting'].includes(stateOf(container.name).status)) {
      if (!options.on('force')) {
        fail(
          `Error response from daemon: cannot remove container "/${container.name}": container is running: stop the container before removing or force remove`,
        )
      }
      await stopContainer(container, 0, 'SIGKILL')
    }
    if (find(container.name)?.id === container.id) removeContainer(container)
  })
}

/** `docker cp FILE NAME:PATH` and back. */
export function cp(argv: string[]) {
  const { rest } = readOptions('cp', argv, {
    values: [],
    switches: ['archive', 'follow-link', 'quiet'],
    shorts: { a: 'archive', L: 'follow-link', q: 'quiet' },
  })
  const [from = '', to = ''] = rest.map((path) => {
    const [, name, inside = ''] = /^([\w.-]+):(.*)$/.exec(path) ?? []
    return name ? join(directoryOf(named(name).name), 'root', inside) : path
  })
  if (rest.length !== 2) fail("docker: 'docker cp' requires 2 arguments")
  if (!existsSync(from)) fail(`lstat ${from}: no such file or directory`)
  const into = existsSync(to) && (to.endsWith('/') || !/\.[\w]+$/.test(to)) ? join(to, basename(from)) : to
  cpSync(from, into, { recursive: true })
}

/** Prints each name when its turn is done; a missing one does not keep the others from theirs. */
async function each(verb: string, options: Options, act: (container: Container) => Promise<void>) {
  if (options.rest.length === 0) fail(`docker: 'docker ${verb}' requires at least 1 argument`)
  await Promise.all(
    options.rest.map(async (reference) => {
      try {
        await act(named(reference))
        console.log(reference)
      } catch (error) {
        if (!(error instanceof DockerFailure)) throw error
        console.error(error.message)
        process.exitCode = error.code
      }
    }),
  )
}

const graceful = (verb: string, argv: string[]) =>
  readOptions(verb, argv, { values: ['time', 'timeout', 'signal'], switches: [], shorts: { t: 'time', s: 'signal' } })

const signalOf = (options: Options, otherwise = 'TERM') =>
  (options.one('signal') ?? otherwise).replace(/^(SIG)?/, 'SIG') as NodeJS.Signals

const grace = (options: Options) => Number(options.one('time') ?? options.one('timeout') ?? GRACE_SECONDS)
