import { resolve } from 'node:path'
import type { Cluster } from '../core/config/cluster'
import { formatFinding } from '../core/config/findings'
import { jsonLog, type Log } from '../core/log'
import { type Runtime, runtime } from '../core/runtime'
import { type App, app } from '../handlers/app'
import { endEventStreams } from '../handlers/event-stream'
import type { Kind } from '../handlers/kind'
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

const usage = 'usage: serve [--config FILE] [--data DIR] [--port N]'
const nothing: Cluster = {
  name: 'Spark Control',
  demo: false,
  hosts: [],
  services: [],
  aliases: {},
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
  let now = await build(await readDeclared(config, kinds), asked, log)
  const listening = server({ current: () => ({ ...now, allowedHosts: now.runtime.cluster.allowedHosts }), port, log })
  const { hosts, services } = now.runtime.cluster
  log.info('started', { port: listening.port, hosts: hosts.length, services: services.length })

  const unwatch = watchDeclared(config, async () => {
    const declared = await readDeclared(config, kinds)
    // A bad file never stops what runs.
    if (declared.cluster === null && now.runtime.cluster.hosts.length > 0) {
      report(declared, log)
      return now.runtime.findingsChanged(declared.findings)
    }
    const before = now
    // What runs on the Sparks goes on: a swap is let go here and taken up again from the journal.
    await before.runtime.arbiter.close()
    now = await build(declared, asked, log)
    endEventStreams()
    await before.runtime.close()
    log.info('reloaded', { hosts: now.runtime.cluster.hosts.length, services: now.runtime.cluster.services.length })
  })

  return {
    get runtime() {
      return now.runtime
    },
    server: listening,
    async stop() {
      unwatch()
      await listening.stop()
      await now.runtime.close()
      log.info('stopped')
    },
  }
}

async function build(declared: Declared, { data, kinds }: ControlPlaneOptions, log: Log): Promise<Built> {
  report(declared, log)
  const cluster = declared.cluster ?? nothing
  const services = cluster.services.filter((service) => !service.disabled)
  const kindOf = (kind: string) => kinds.find((each) => each.kind === kind)
  const made = runtime({
    ...declared,
    cluster,
    dataDirectory: resolve(data),
    probes: services.flatMap((service) => {
      const kind = kindOf(service.kind)
      return kind ? [{ service, probe: kind.probe(service) }] : []
    }),
    swappable: services.filter((service) => kindOf(service.kind)?.swappable),
  })
  const failed = (error: unknown, request: string) =>
    log.error('handler', { request, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  return { runtime: made, app: await app(made, kinds, failed) }
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
