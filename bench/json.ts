import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Peer, peers, question } from './peers'
import type { Report } from './report'
import { interleaved } from './rounds'

const program = '/usr/bin/wrk'

/** Small JSON: requests a second at 16 connections, and what a peer adds to one request at a time. */
export async function json(): Promise<Report> {
  if (!existsSync(program)) throw new Error(`json: ${program} is missing; apt-get install wrk`)
  await using running = await peers()
  const added = ['p50 ms', 'p99 ms', 'p50 ms, one at a time', 'p99 ms, one at a time']
  const rows = await interleaved(running.all, async (peer) => {
    const busy = await wrk(peer, 16, 3)
    const alone = await wrk(peer, 1, 1)
    return {
      'requests/s': busy.perSecond,
      'p50 ms': busy.p50,
      'p99 ms': busy.p99,
      'p50 ms, one at a time': alone.p50,
      'p99 ms, one at a time': alone.p99,
    }
  })
  return { title: 'Small JSON, wrk -t1 -c16', rows, notes: running.skipped, ratios: ['requests/s'], added }
}

async function wrk({ origin, headers }: Peer, connections: number, seconds: number) {
  const folder = mkdtempSync(join(tmpdir(), 'spark-control-bench-'))
  const script = join(folder, 'post.lua')
  const lines = Object.entries({ ...headers, 'content-type': 'application/json' }).map(
    ([name, value]) => `wrk.headers["${name}"] = "${value}"`,
  )
  writeFileSync(script, [`wrk.method = "POST"`, `wrk.body = [[${JSON.stringify(question)}]]`, ...lines].join('\n'))
  const run = Bun.spawn([
    program,
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--latency',
    '-s',
    script,
    `${origin}/v1/chat/completions`,
  ])
  const text = await new Response(run.stdout).text()
  rmSync(folder, { recursive: true })
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`json: ${origin} answers with errors; ${text}`)
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    p50: latency(text, '50%'),
    p99: latency(text, '99%'),
  }
}

function latency(text: string, rank: string): number {
  const [, amount, unit] = new RegExp(`${rank}\\s+([\\d.]+)(us|ms|s)`).exec(text) ?? []
  return Number(amount) * { us: 0.001, ms: 1, s: 1000 }[unit as 'us' | 'ms' | 's']
}
