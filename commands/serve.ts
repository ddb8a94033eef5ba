import { dirname, join, resolve } from 'node:path'
import type { Cluster, Finding } from '../core/config/cluster'
import { formatFinding } from '../core/config/findings'
import { loadConfig } from '../core/config/load'
import { readSource } from '../core/config/source'
import { jsonLog, type Log } from '../core/log'
import { loadRecipes } from '../core/models/catalogue'
import { type Runtime, runtime } from '../core/runtime'
import { app } from '../handlers/app'
import type { Kind } from '../handlers/kind'
import { type RunningServer, server } from '../handlers/server'
import { options, UsageError } from './options'

export interface ControlPlane {
  runtime: Runtime
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

/** Starts everything; a configuration with errors starts too, and shows them on the first-run page. */
export async function controlPlane({
  config,
  data,
  port,
  kinds,
  log = jsonLog(),
}: ControlPlaneOptions): Promise<ControlPlane> {
  const { recipes, findings: ofRecipes } = await loadRecipes(await recipesBeside(config))
  const text = await readSource(config)
  const { cluster, findings } =
    typeof text === 'string'
      ? loadConfig({ text, file: config, kinds, recipes })
      : { cluster: null, findings: [unreadable(config, text)] }
  const all = [...findings, ...ofRecipes]
  for (const finding of all.filter((each) => each.severity !== 'note'))
    log.warn('declared', { finding: formatFinding(finding) })
  const declared = cluster ?? nothing
  const services = declared.services.filter((service) => !service.disabled)
  const kindOf = (kind: string) => kinds.find((each) => each.kind === kind)
  const running = runtime({
    cluster: declared,
    recipes,
    findings: all,
    dataDirectory: resolve(data),
    probes: services.flatMap((service) => {
      const kind = kindOf(service.kind)
      return kind ? [{ service, probe: kind.probe(service) }] : []
    }),
    swappable: services.filter((service) => kindOf(service.kind)?.swappable),
  })
  const answering = await app(running, kinds, (error, request) =>
    log.error('handler', { request, error: String((error as Error)?.stack ?? error) }),
  )
  const listening = server({ app: answering, allowedHosts: declared.allowedHosts, port, log })
  log.info('started', {
    port: listening.port,
    hosts: declared.hosts.length,
    services: services.length,
    recipes: recipes.length,
  })
  return {
    runtime: running,
    server: listening,
    async stop() {
      await listening.stop()
      await running.close()
      log.info('stopped')
    },
  }
}

/** The recipes beside a config, or the shipped ones where there is no config. */
export async function recipesBeside(config: string): Promise<string> {
  const beside = join(dirname(config), 'recipes')
  const shipped = join(import.meta.dir, '..', 'recipes')
  return (await Bun.file(config).exists()) ? beside : shipped
}

function unreadable(file: string, { problem, remedy }: { problem: string; remedy: string }): Finding {
  return { file, line: 1, column: 1, path: '', problem, remedy, severity: 'error' }
}

/** Resolves when the process is asked to end. */
export function ended(): Promise<void> {
  return new Promise((done) => {
    process.once('SIGTERM', () => done())
    process.once('SIGINT', () => done())
  })
}
