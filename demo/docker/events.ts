import { existsSync, openSync, readSync, statSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostDirectory } from './container'
import { moment } from './logs'
import { readOptions } from './options'
import { renderTemplate } from './template'

interface DockerEvent {
  Action: string
  Actor: { ID: string; Attributes: Record<string, string> }
  time: number
  Type: string
}

/** `docker events`: prints what happens from now (or `--since`) until it is ended. */
export async function events(argv: string[]) {
  const options = readOptions('events', argv, {
    values: ['filter', 'format', 'since', 'until'],
    switches: [],
    shorts: { f: 'filter' },
  })
  const format = options.one('format')
  const since = options.one('since')
  const filters = options.all('filter')
  const file = join(hostDirectory(), 'state/events')
  if (!existsSync(file)) writeFileSync(file, '')
  const log = openSync(file, 'r')
  let at = since === null ? statSync(file).size : 0
  let pending = ''

  function drain() {
    const chunk = Buffer.alloc(64 * 1024)
    for (
      let read = readSync(log, chunk, 0, chunk.length, at);
      read > 0;
      read = readSync(log, chunk, 0, chunk.length, at)
    ) {
      at += read
      pending += chunk.toString('utf8', 0, read)
    }
    const lines = pending.split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) show(line)
  }

  function show(line: string) {
    const event = JSON.parse(line) as DockerEvent
    if (since !== null && event.time * 1000 < moment(since)) return
    if (!filters.every((filter) => passes(filter, event))) return
    if (format === null)
      console.log(`${new Date(event.time * 1000).toISOString()} container ${event.Action} ${event.Actor.ID}`)
    else console.log(format === 'json' ? line : renderTemplate(format, event))
  }

  // A watch tells at once, but not of every line where two come together; the timer fetches what it left.
  const watcher = watch(file, drain)
  const timer = setInterval(drain, 200)
  drain()
  const until = options.one('until')
  if (until !== null) {
    await Bun.sleep(Math.max(0, moment(until) - Date.now()))
    watcher.close()
    clearInterval(timer)
    drain()
  }
}

function passes(filter: string, event: DockerEvent): boolean {
  const [key, value = ''] = filter.split('=')
  if (key === 'event') return event.Action.split(':')[0] === value
  if (key === 'container') return event.Actor.Attributes.name === value || event.Actor.ID.startsWith(value)
  return key === 'type' ? event.Type === value : true
}
