import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { simulatedCluster } from '../demo/cluster'
import { faultsPort } from '../demo/faults-port'
import type { Kind } from '../handlers/kind'
import { options, UsageError } from './options'
import { controlPlane, ended } from './serve'

const usage = 'usage: demo [--port N] [--data DIR] [--speed X] [--hosts N] [--faults-port N] [--cluster-only]'
const loadedAtStart = 'llama-3.1-8b-fp8'

/** `demo`: simulated Sparks, and the control plane on them. */
export async function demo(argv: readonly string[], kinds: Kind[]): Promise<number> {
  const { values, words } = options(
    argv,
    {
      port: 'number',
      data: 'string',
      speed: 'number',
      hosts: 'number',
      'faults-port': 'number',
      'cluster-only': 'boolean',
    },
    usage,
  )
  if (words.length > 0) throw new UsageError(usage)
  const hosts = values.hosts ?? 2
  if (!Number.isInteger(hosts) || hosts < 1 || hosts > 16)
    throw new UsageError(`--hosts: is not a whole number from 1 to 16\n${usage}`)
  const cluster = await simulatedCluster({ hosts, speed: values.speed || 1, loaded: loadedAtStart })
  const faults = values['faults-port'] === undefined ? null : faultsPort(cluster, values['faults-port'])
  if (!cluster.bot) console.error('note: git is not installed, so the demo has no service of kind bot')
  const temporary = values.data === undefined ? mkdtempSync(join(tmpdir(), 'spark-control-')) : null
  try {
    if (values['cluster-only']) {
      console.log(cluster.configPath)
      await ended()
      return 0
    }
    const plane = await controlPlane({
      config: cluster.configPath,
      data: values.data ?? temporary ?? 'data',
      port: values.port ?? 9999,
      kinds,
    })
    console.log(`ready ${plane.server.url}`)
    await ended()
    await plane.stop()
    return 0
  } finally {
    await faults?.stop()
    await cluster.stop()
    if (temporary) rmSync(temporary, { recursive: true, force: true })
  }
}
