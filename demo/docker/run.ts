import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { type Container, emit, find, type HealthCheck, removeContainer, saveContainer } from './container'
import { milliseconds } from './duration'
import { fail } from './fail'
import { findImage, withTag } from './images'
import { startContainer, stopContainer } from './lifecycle'
import { followLog } from './logs'
import { type Flags, type Options, readOptions } from './options'

const RUN: Flags = {
  values:
    'name network net ipc gpus ulimit entrypoint env env-file volume mount publish label restart memory memory-swap memory-swappiness pids-limit shm-size device cap-add user workdir hostname add-host security-opt runtime pull platform log-driver log-opt cpus cpuset-cpus tmpfs stop-timeout health-cmd health-interval health-timeout health-retries health-start-period health-start-interval'.split(
      ' ',
    ),
  switches: ['detach', 'rm', 'privileged', 'interactive', 'tty', 'init', 'publish-all', 'read-only', 'no-healthcheck'],
  shorts: {
    d: 'detach',
    i: 'interactive',
    t: 'tty',
    e: 'env',
    v: 'volume',
    p: 'publish',
    l: 'label',
    m: 'memory',
    u: 'user',
    w: 'workdir',
    h: 'hostname',
    P: 'publish-all',
  },
  commandFollows: true,
  usageCode: 125,
}

const HELP = "\n\nRun 'docker run --help' for more information"

/** `docker run`: the image must be there already, its content is whatever the container's PATH offers. */
export async function run(argv: string[]) {
  const options = readOptions('run', argv, RUN)
  const [reference, ...command] = options.rest
  if (!reference)
    return fail(
      "docker: 'docker run' requires at least 1 argument\n\nUsage:  docker run [OPTIONS] IMAGE [COMMAND] [ARG...]",
    )
  const image = findImage(reference) ?? missing(reference)
  const id = randomBytes(32).toString('hex')
  const name = options.one('name') ?? `quiet_${id.slice(0, 6)}`
  const taken = find(name)
  if (taken?.name === name) {
    const remedy = 'You have to remove (or rename) that container to be able to reuse that name.'
    fail(
      `docker: Error response from daemon: Conflict. The container name "/${name}" is already in use by container "${taken.id}". ${remedy}${HELP}`,
      125,
    )
  }
  const named = options.one('entrypoint')
  // `--entrypoint ''` clears the image's own.
  const entrypoint = named === null ? image.entrypoint : named === '' ? [] : [named]
  const container: Container = {
    id,
    name,
    image: reference,
    imageId: image.id,
    command: [...entrypoint, ...command],
    entrypoint,
    environment: pairs(options.all('env'), (key) => process.env[key] ?? ''),
    labels: pairs(options.all('label'), () => ''),
    mounts: options.all('volume').map(mount),
    ports: options.all('publish'),
    workdir: options.one('workdir'),
    network: options.one('network') ?? options.one('net') ?? 'bridge',
    privileged: options.on('privileged'),
    restart: options.one('restart') ?? 'no',
    health: healthCheck(options),
    // A foreground run needs the exit code that would vanish with the container, so it removes it itself.
    autoRemove: options.on('rm') && options.on('detach'),
    created: Date.now(),
  }
  if (container.command.length === 0) container.command = ['sleep', 'infinity']
  saveContainer(container)
  emit('create', container)
  await startContainer(container).catch((error: unknown) => {
    removeContainer(container)
    throw error
  })
  if (options.on('detach')) return console.log(id)
  // A foreground run hands signals on to the container, and ends as it ends.
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(name, () => void stopContainer(container, 0, name))
  process.exitCode = await followLog(container)
  if (options.on('rm')) removeContainer(container)
}

/** docker's own defaults where a time is left out. */
function healthCheck(options: Options): HealthCheck | null {
  const command = options.one('health-cmd')
  if (command === null || options.on('no-healthcheck')) return null
  const time = (name: string, otherwise: number) => {
    const text = options.one(`health-${name}`)
    return text === null ? otherwise : milliseconds(text)
  }
  return {
    command,
    interval: time('interval', 30_000),
    timeout: time('timeout', 30_000),
    retries: Number(options.one('health-retries') ?? 3),
    startPeriod: time('start-period', 0),
    startInterval: time('start-interval', 5000),
  }
}

function missing(reference: string): never {
  const bare = reference.replace(/:[\w.-]+$/, '')
  console.error(`Unable to find image '${withTag(reference)}' locally`)
  const denied = `pull access denied for ${bare}, repository does not exist or may require 'docker login'`
  return fail(
    `docker: Error response from daemon: ${denied}: denied: requested access to the resource is denied${HELP}`,
    125,
  )
}

function pairs(words: string[], otherwise: (key: string) => string): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=')
      return at < 0 ? [word, otherwise(word)] : [word.slice(0, at), word.slice(at + 1)]
    }),
  )
}

function mount(text: string): Container['mounts'][number] {
  const [source = '', target = source] = text.split(':')
  if (!isAbsolute(target)) {
    fail(
      `docker: Error response from daemon: invalid volume specification: '${text}': invalid mount path: '${target}' mount path must be absolute${HELP}`,
      125,
    )
  }
  const real = isAbsolute(source) ? source : join(process.env.SPARK_SIM_DIR ?? '/', 'state/volumes', source)
  if (!existsSync(real)) Bun.spawnSync(['mkdir', '-p', real])
  return { source: real, target }
}
