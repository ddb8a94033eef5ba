import { resolve } from 'node:path'
import type { Cluster, Finding } from '../core/config/cluster'
import { formatFinding } from '../core/config/findings'
import { keepSmall } from '../core/garbage'
import type { StateChange } from '../core/history/event'
import { history } from '../core/history/history'
import { jsonLog, type Log } from '../core/log'
import { openRuntime } from '../core/open-runtime'
import type { Runtime, RuntimeOptions } from '../core/runtime'
import { backups } from '../core/store/backups'
import { lastMended } from '../core/store/mend'
import { storage } from '../core/store/storage'
import { openStore } from '../core/store/store'
import { type App, app } from '../handlers/app'
import { endEventStreams } from '../handlers/event-stream'
import { actionsOf, type Kind } from '../handlers/kind'
import { type RunningServer, server } from '../handlers/server'
import { type Declared, readDeclared } from './declared'
import { watchDeclared } from './declared-watch'
import { options, UsageError } from './options'

export interface ControlPlane {
  /** The one of now: a reload puts another in its place. */
  readonly runtime: Runtime
  server: RunningServer
  stop(): Promise<void>
}

export interface ControlPlaneOptions {
  config: string
  data: string
  port: number
  kinds: Kind[]
  log?: Log
}

const seenAgainMs = 3000
const usage = 'usage: serve [--config FILE] [--data DIR] [--port N]'
const nothing: Cluster = {
  name: 'Spark Control',
  demo: false,
  hosts: [],
  services: [],
  aliases: {},
  recipeSources: [],
  hubToken: null,
  hub: null,
  webhooks: [],
  holdS: 20,
  drainS: 30,
  allowedHosts: [],
  sshKey: null,
}

/** `serve`: runs the control plane until it is told to end. */
export async function serve(argv: readonly string[], kinds: Kind[]): Promise<number> {
  const { values, words } = options(argv, { config: 'string', data: 'string', port: 'number' }, usage)
  if (words.length > 0) throw new UsageError(usage)
  const plane = await controlPlane({
    config: values.config ?? process.env.SPARK_CONTROL_CONFIG ?? 'spark.config.yaml',
    data: values.data ?? process.env.SPARK_CONTROL_DATA ?? 'data',
    port: values.port ?? Number(process.env.SPARK_CONTROL_PORT ?? 9999),
    kinds,
  })
  console.log(`ready ${plane.server.url}`)
  await ended()
  await plane.stop()
  return 0
}

interface Built {
  runtime: Runtime
  app: App
}

/** Starts everything, and again when the declared files change; a file with errors starts too, or leaves what runs. */
export async function controlPlane(asked: ControlPlaneOptions): Promise<ControlPlane> {
  const { config, port, kinds, log = jsonLog() } = asked
  const data = resolve(asked.data)
  const store = openStore(data, (mended) => log.error('database was damaged', { ...mended }))
  const disk = storage({
    store,
    mended: () => lastMended(data),
    dropped: () => past.dropped(),
    onChange: (trouble) => (trouble ? log.error('storage', { ...trouble }) : log.info('storage works again')),
  })
  const past = history(store, {
    onError(error) {
      disk.failed(error)
      log.error('history', { error: String(error) })
    },
  })
  const copies = backups(store, { onError: (error) => log.error('backup', { error: String(error) }) })
  let declared = await readDeclared(config, kinds, asked.data)
  let now = await build(declared)
  const listening = server({ current: () => ({ ...now, allowedHosts: now.runtime.cluster.allowedHosts }), port, log })
  now.runtime.recording = true
  const { hosts, services } = now.runtime.cluster
  log.info('started', { port: listening.port, hosts: hosts.length, services: services.length })

  async function reload() {
    const next = await readDeclared(config, kinds, asked.data)
    // A comment changes nothing, and what runs must not notice it.
    if (same(next, declared)) return now.runtime.findingsChanged(next.findings)
    // A bad file never stops what runs.
    if (next.cluster === null && now.runtime.cluster.hosts.length > 0) {
      report(next, log)
      return now.runtime.findingsChanged(next.findings)
    }
    const before = now
    // What runs on the Sparks goes on: a swap is let go here and taken up again from the journal.
    await Promise.all([before.runtime.arbiter.close(), before.runtime.runner.close()])
    try {
      const after = await build(next)
      await seenAgain(before.runtime, after.runtime)
      before.runtime.recording = false
      after.runtime.recording = true
      now = after
      declared = next
    } catch (error) {
      const message = (error as Error).message
      log.error('reload', { error: message })
      before.runtime.resume()
      return before.runtime.findingsChanged([...next.findings, problem(config, message)])
    }
    endEventStreams()
    await before.runtime.close()
    for (const change of dropped(before.runtime.cluster, now.runtime.cluster)) past.state(change)
    log.info('reloaded', { hosts: now.runtime.cluster.hosts.length, services: now.runtime.cluster.services.length })
  }

  const letGrow = keepSmall(() => listening.quiet)
  let stopping = false
  let reloading = Promise.resolve()
  const unwatch = watchDeclared(config, () => {
    if (!stopping) reloading = reload().catch((error) => log.error('reload', { error: (error as Error).message }))
    return reloading
  })

  return {
    get runtime() {
      return now.runtime
    },
    server: listening,
    async stop() {
      stopping = true
      unwatch()
      letGrow()
      // What a reload has built by then must be closed with the rest.
      await reloading
      await listening.stop()
      await now.runtime.close()
      past.close()
      copies.close()
      disk.close()
      store.close()
      log.info('stopped')
    },
  }

  function build(next: Declared): Promise<Built> {
    return built(next, asked, {
      controlPort: () => listening.port,
      store,
      storage: disk,
      backups: copies,
      history: past,
      log,
    })
  }
}

async function built(
  declared: Declared,
  { config, data, kinds }: ControlPlaneOptions,
  kept: Pick<RuntimeOptions, 'store' | 'storage' | 'backups' | 'history' | 'log' | 'controlPort'>,
): Promise<Built> {
  const { log } = kept
  report(declared, log)
  const cluster = declared.cluster ?? nothing
  const services = cluster.services.filter((service) => !service.disabled)
  const kindOf = (kind: string) => kinds.find((each) => each.kind === kind)
  const made = openRuntime({
    ...declared,
    ...kept,
    cluster,
    configPath: resolve(config),
    dataDirectory: resolve(data),
    probes: services.flatMap((service) => {
      const kind = kindOf(service.kind)
      return kind ? [{ service, newProbe: () => kind.probe(service) }] : []
    }),
    swappable: services.filter((service) => kindOf(service.kind)?.swappable),
    actions: new Map(services.map((service) => [service.id, actionsOf(service, kindOf(service.kind))])),
  })
  const failed = (error: unknown, request: string) =>
    log.error('handler', { request, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  try {
    const answers = await app(made, kinds, failed)
    // Only now: what fails before must not have begun to work on a job that the runtime before it takes up again.
    made.resume()
    return { runtime: made, app: answers }
  } catch (error) {
    await made.close()
    throw error
  }
}

function same(a: Declared, b: Declared): boolean {
  return JSON.stringify([a.cluster, a.recipes]) === JSON.stringify([b.cluster, b.recipes])
}

/** Waits until what was seen working is seen again, so that no app is told that a loaded model is not. */
async function seenAgain(before: Runtime, after: Runtime): Promise<void> {
  const working = before.observed.services().filter(({ state }) => state === 'up' || state === 'busy')
  const until = performance.now() + seenAgainMs
  const missing = () => working.some(({ id }) => after.observed.service(id)?.state === 'unknown')
  while (missing() && performance.now() < until) await Bun.sleep(50)
}

/** What is no longer declared is no longer watched, and its last state must not last for ever. */
function dropped(before: Cluster, after: Cluster): StateChange[] {
  const gone = { from: '', to: 'unknown', at: Date.now(), cause: 'no longer declared', remedy: null }
  const watched = ({ services }: Cluster) => services.filter(({ disabled }) => !disabled)
  const [hosts, services] = [new Set(after.hosts.map(({ id }) => id)), new Set(watched(after).map(({ id }) => id))]
  return [
    ...before.hosts
      .filter(({ id }) => !hosts.has(id))
      .map(({ id }) => ({ ...gone, subject: `host:${id}`, host: id, service: null })),
    ...watched(before)
      .filter(({ id }) => !services.has(id))
      .map(({ id, hosts: [head] }) => ({ ...gone, subject: `service:${id}`, host: head?.id ?? null, service: id })),
  ]
}

function problem(file: string, message: string): Finding {
  const [path = '', ...rest] = message.split(': ')
  const [what = message, ...remedy] = rest.join(': ').split('; ')
  return { file, line: 1, column: 1, path, problem: what, remedy: remedy.join('; '), severity: 'error' }
}

function report({ findings }: Declared, log: Log) {
  for (const finding of findings) {
    if (finding.severity !== 'note') log.warn('declared', { finding: formatFinding(finding) })
  }
}

/** Resolves when the process is asked to end. */
export function ended(): Promise<void> {
  return new Promise((done) => {
    process.once('SIGTERM', () => done())
    process.once('SIGINT', () => done())
  })
}
