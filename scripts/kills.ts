import { kills } from '../tests/kills'

const usage = 'usage: bun run kills [--times N] [--seed N]'

/** Kills the controller N times in the midst of swaps and prints what came of them; 1 when something broke. */
async function main(words: string[]): Promise<number> {
  const number = (name: string, fallback: number) => {
    const at = words.indexOf(name)
    return at === -1 ? fallback : Number(words[at + 1])
  }
  const [times, seed] = [number('--times', 200), number('--seed', Date.now() % 100_000)]
  if (![times, seed].every(Number.isSafeInteger)) {
    console.error(usage)
    return 2
  }
  console.log(`seed      ${seed}`)
  const began = performance.now()
  const found = await kills({ times, seed, say: (line) => console.log(line) })
  const back = found.back.toSorted((a, b) => a - b)
  console.log(`kills     ${found.kills}: ${list(found.phases)}`)
  console.log(`swaps     ${found.swaps}: ${list(found.ends)}`)
  console.log(`engines   ${found.mostEngines} at most at one of ${found.looks} looks`)
  console.log(
    `back      ${quantile(back, 0.5)} ms (median), ${quantile(back, 0.99)} ms (p99) until the swap is shown again`,
  )
  console.log(`time      ${((performance.now() - began) / 1000).toFixed(0)} s`)
  console.log(`broken    ${found.broken.length}`)
  return found.broken.length === 0 ? 0 : 1
}

function quantile(sorted: number[], share: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0)
}

function list(counts: Map<string, number>): string {
  return [...counts].map(([name, times]) => `${times} ${name}`).join(', ')
}

process.exit(await main(process.argv.slice(2)))
