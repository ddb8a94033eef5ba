import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { child, freePort } from './child'
import { fillWithPast } from './past'
import type { Report } from './report'
import { interleaved, quantile } from './rounds'

const main = [process.execPath, join(import.meta.dir, '..', 'main.ts')]
const yearMs = 365 * 24 * 3600_000
const askedPerRound = 60

/** What pages and history cost with as much past as is ever kept, beside a controller on the same Sparks without any. */
export async function history(): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'spark-control-bench-'))
  await using sparks = await simulatedSparks()
  try {
    const full = join(folder, 'full')
    const filled = fillWithPast(full)
    const megabytes = statSync(join(full, 'spark-control.sqlite')).size / 1e6
    const [fullPort, emptyPort] = [freePort(), freePort()]
    await using _full = await served(sparks.config, full, fullPort)
    await using _empty = await served(sparks.config, join(folder, 'empty'), emptyPort)
    // Sparklines begin with the first samples.
    await Bun.sleep(5000)
    const rows = await interleaved(paths(), async ({ path }) => {
      const empty = await asked(emptyPort, path)
      const filled = await asked(fullPort, path)
      return {
        'empty p50 ms': quantile(empty.ms, 0.5),
        'full p50 ms': quantile(filled.ms, 0.5),
        'full p50 / empty': quantile(filled.ms, 0.5) / quantile(empty.ms, 0.5),
        'empty p99 ms': quantile(empty.ms, 0.99),
        'full p99 ms': quantile(filled.ms, 0.99),
        'full kB': filled.bytes / 1000,
      }
    })
    const sizes = `${filled.events} events, ${filled.minutes} minutes, ${filled.hours} hours: ${megabytes.toFixed(0)} MB`
    return { title: 'Pages over a year of history', rows, notes: [sizes] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function paths(): { name: string; path: string }[] {
  const year = `from=${new Date(Date.now() - yearMs).toISOString()}`
  return [
    '/',
    '/ui/activity',
    '/ui/activity?service=llm',
    '/ui/hosts/spark-1',
    '/ui/hosts/spark-1?range=24h',
    '/ui/hosts/spark-1?range=7d',
    '/ui/hosts/spark-1?range=1y',
    '/api/history',
    `/api/history?since=${new Date(Date.now() - yearMs / 2).toISOString()}&until=${new Date(Date.now() - yearMs / 2 + 3600_000).toISOString()}`,
    `/api/hosts/spark-1/history?metric=gpu_power_w&${year}`,
    `/api/hosts/spark-1/history?metric=gpu_power_w&${year}&step=21600`,
  ].map((path) => ({ name: path.replace(/\d{4}-[^&]*Z/g, '…'), path }))
}

async function asked(port: number, path: string): Promise<{ ms: number[]; bytes: number }> {
  const ms: number[] = []
  let bytes = 0
  for (let n = 0; n < askedPerRound; n++) {
    const began = performance.now()
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { proxy: '' })
    bytes = (await answer.arrayBuffer()).byteLength
    ms.push(performance.now() - began)
    if (!answer.ok) throw new Error(`${path}: answered ${answer.status}; it should be 200`)
  }
  return { ms, bytes }
}

function served(config: string, data: string, port: number) {
  const words = ['serve', '--config', config, '--data', data, '--port', String(port)]
  return child([...main, ...words], `http://127.0.0.1:${port}/health`)
}

/** Simulated Sparks as a process of their own, so that they do not slow what is measured more than they must. */
async function simulatedSparks(): Promise<AsyncDisposable & { config: string }> {
  const running = Bun.spawn([...main, 'demo', '--cluster-only'], { stdin: 'ignore', stdout: 'pipe', stderr: 'ignore' })
  let said = ''
  const reader = running.stdout.getReader()
  while (!said.includes('\n')) {
    const { value, done } = await reader.read()
    if (done) throw new Error('demo --cluster-only: ended without its line; run it by hand')
    said += Buffer.from(value).toString()
  }
  return {
    config: said.split('\n')[0] ?? '',
    async [Symbol.asyncDispose]() {
      running.kill()
      await running.exited
    },
  }
}
