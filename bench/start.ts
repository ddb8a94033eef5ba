import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, freePort, residentMb } from './child'
import { gateway } from './gateway'
import { nginx } from './nginx'
import { server } from './peers'
import { portkey } from './portkey'
import type { Report } from './report'
import { interleaved } from './rounds'

const binary = join(import.meta.dir, '..', 'dist', 'spark-control')

/** From the start of a process to its first answer, on an empty data directory, and the memory it holds then. */
export async function start(): Promise<Report> {
  const upstream = { port: freePort(), sinkPort: freePort() }
  await using _up = await server(upstream)
  const ways: { name: string; begin: (port: number) => Promise<Child> }[] = [
    { name: 'gateway, source', begin: (port) => gateway(port, upstream) },
    { name: 'gateway, compiled', begin: (port) => gateway(port, upstream, [binary]) },
    { name: 'nginx', begin: (port) => nginx(port, upstream.port) },
    { name: 'portkey', begin: portkey },
  ]
  const notes: string[] = []
  const present: typeof ways = []
  for (const way of ways) {
    const reason =
      way.name === 'gateway, compiled' && !existsSync(binary)
        ? 'no dist/spark-control; bun run compile'
        : await failure(way.begin)
    if (reason === null) present.push(way)
    else notes.push(`${way.name}: skipped: ${reason}`)
  }
  const rows = await interleaved(present, async ({ begin }) => {
    await using running = await begin(freePort())
    const first = running.startMs
    await Bun.sleep(1000)
    return { 'first answer ms': first, 'idle memory MB': residentMb(running.pid) }
  })
  return { title: 'Start to the first answer', rows, notes }
}

/** Starts it once, so that what must be installed is, and the files are in the page cache for all alike. */
async function failure(begin: (port: number) => Promise<Child>): Promise<string | null> {
  try {
    await using _running = await begin(freePort())
    return null
  } catch (error) {
    return (error as Error).message
  }
}
