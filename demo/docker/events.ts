import { existsSync, openSync, readSync, statSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostDirectory } from './container'
import { DockerFailure } from './fail'
import { moment } from './logs'
import { readOptions } from './options'
import { output } from './output'
import { daemonAnswers } from './socket'
import { renderTemplate } from './template'

interface DockerEvent {
  Action: string
  Actor: { ID: string; Attributes: Record<string, string> }
  /** Seconds. */
  time: number
  timeNano: number
  Type: string
}

const LOOK_MS = 500
const AGAIN_MS = 20

/** `docker events`: prints what happens from now (or `--since`) until it is ended, or the daemon is. */
export async function events(argv: string[]) {
  const options = readOptions('events', argv, {
    values: ['filter', 'format', 'since', 'until'],
    switches: [],
    shorts: { f: 'filter' },
  })
  const format = options.one('format')
  const since = options.one('since')
  const until = options.one('until')
  const from = since === null ? 0 : moment(since)
  const end = until === null ? Number.POSITIVE_INFINITY : moment(until)
  const byKey = [...Map.groupBy(options.all('filter'), (filter) => filter.split('=')[0])].map(([, group]) => group)
  const file = join(hostDirectory(), 'state/events')
  if (!existsSync(file)) writeFileSync(file, '')
  const log = openSync(file, 'r')
  const chunk = Buffer.alloc(64 * 1024)
  let at = since === null ? statSync(file).size : 0
  let pending = ''

  function drain() {
    // The daemon forgets what is long past, but only while nothing happens.
    at = Math.min(at, statSync(file).size)
    for (let read = next(); read > 0; read = next()) {
      at += read
      pending += chunk.toString('utf8', 0, read)
    }
    const lines = pending.split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) show(line)
  }

  const next = () => readSync(log, chunk, 0, chunk.length, at)

  function show(line: string) {
    const event = JSON.parse(line) as DockerEvent
    const time = event.timeNano / 1e6
    if (time < from || time > end) return
    if (!byKey.every((group) => group.some((filter) => passes(filter, event)))) return
    output(`${format === null ? plain(event) : format === 'json' ? line : renderTemplate(format, event)}\n`)
  }

  drain()
  if (end <= Date.now()) return
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const look = () => {
    if (!daemonAnswers()) reject(new DockerFailure('unexpected EOF'))
    drain()
    if (Date.now() > end) resolve()
  }
  // A watch tells at once, but not of every line where two come together.
  const watcher = watch(file, () => {
    drain()
    setTimeout(drain, AGAIN_MS)
  })
  const faults = watch(join(hostDirectory(), 'state/faults'), look)
  const timer = setInterval(look, LOOK_MS)
  await promise.finally(() => {
    watcher.close()
    faults.close()
    clearInterval(timer)
  })
}

/** `2026-11-22T10:00:00.000Z container die 4f… (exitCode=0, image=vllm-node, name=x)`. */
function plain({ timeNano, Type, Action, Actor }: DockerEvent): string {
  const attributes = Object.entries(Actor.Attributes).map(([key, value]) => `${key}=${value}`)
  const about = attributes.length > 0 ? ` (${attributes.toSorted().join(', ')})` : ''
  return `${new Date(timeNano / 1e6).toISOString()} ${Type} ${Action} ${Actor.ID}${about}`
}

function passes(filter: string, { Action, Actor, Type }: DockerEvent): boolean {
  const at = filter.indexOf('=')
  const [key, value] = [filter.slice(0, at), filter.slice(at + 1)]
  const { name, image, ...labels } = Actor.Attributes
  if (key === 'event') return Action === value || Action.split(':')[0] === value
  if (key === 'container') return name === value || Actor.ID.startsWith(value)
  if (key === 'image') return image === value || image?.split(':')[0] === value
  if (key === 'label')
    return value.includes('=') ? labels[value.split('=')[0] ?? ''] === value.split('=')[1] : value in labels
  return key === 'type' ? Type === value : true
}
