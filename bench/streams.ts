import { type Peer, peers, question } from './peers'
import type { Report } from './report'
import { interleaved, quantile } from './rounds'

const streams = 64

/** 64 streams of 500 tokens, 20 ms apart: how old each token is when it is read. */
export async function manyStreams(): Promise<Report> {
  await using running = await peers()
  const rows = await interleaved(running.all, async (peer) => {
    const read = await Promise.all(Array.from({ length: streams }, () => stream(peer)))
    const ages = read.flatMap(({ ages }) => ages)
    return {
      'token p50 ms': quantile(ages, 0.5),
      'token p99 ms': quantile(ages, 0.99),
      'first token p50 ms': quantile(
        read.map(({ firstMs }) => firstMs),
        0.5,
      ),
    }
  })
  return {
    title: `SSE, ${streams} streams of 500 tokens, one each 20 ms`,
    rows,
    notes: running.skipped,
    added: ['token p50 ms', 'token p99 ms', 'first token p50 ms'],
  }
}

/** Reads one stream to its end; `pace` is the upstream's pause between tokens in ms. @throws {Error} when tokens are missing */
export async function stream({ name, origin, headers }: Peer, pace = 20): Promise<{ ages: number[]; firstMs: number }> {
  const began = performance.now()
  const ages: number[] = []
  let firstMs = 0
  let done = false
  const answer = await fetch(`${origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ ...question, stream: true, pace }),
    proxy: '',
  })
  let rest = ''
  const decoder = new TextDecoder()
  for await (const bytes of answer.body ?? []) {
    const now = performance.now()
    firstMs ||= now - began
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const sent = /"sent":([\d.]+)/.exec(line)?.[1]
      if (sent !== undefined) ages.push(performance.timeOrigin + now - Number(sent))
      else if (line === 'data: [DONE]') done = true
    }
  }
  if (!done || ages.length !== 500) throw new Error(`${name}: a stream ended after ${ages.length} of 500 tokens`)
  return { ages, firstMs }
}
