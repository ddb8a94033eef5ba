import { type Outcome, simulate } from './simulate'

const usage = 'usage: bun run simulate [--seeds N] [--from SEED] [--seed SEED [--trace]]'

/** Runs seeds and says what came of them; 1 at the first rule that is broken. */
async function main(words: string[]): Promise<number> {
  const number = (name: string) => {
    const at = words.indexOf(name)
    const value = at === -1 ? undefined : Number(words[at + 1])
    return value === undefined || !Number.isSafeInteger(value) ? null : value
  }
  const one = number('--seed')
  const from = one ?? number('--from') ?? 1
  const count = one === null ? number('--seeds') : 1
  if (count === null) {
    console.error(usage)
    return 2
  }
  const began = performance.now()
  const sums = { swaps: 0, kills: 0, virtualS: 0, ends: new Map<string, number>(), faults: new Map<string, number>() }
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await simulate(seed, words.includes('--trace') ? { heard: console.log } : {})
    if (outcome.broken) return say(outcome)
    sums.swaps += outcome.swaps
    sums.kills += outcome.kills
    sums.virtualS += outcome.virtualS
    for (const [name, times] of outcome.ends) sums.ends.set(name, (sums.ends.get(name) ?? 0) + times)
    for (const [name, times] of outcome.faults) sums.faults.set(name, (sums.faults.get(name) ?? 0) + times)
  }
  const seconds = (performance.now() - began) / 1000
  console.log(`seeds     ${count} (from ${from})`)
  console.log(`swaps     ${sums.swaps}: ${list(sums.ends)}`)
  console.log(`kills     ${sums.kills}`)
  console.log(`faults    ${list(sums.faults)}`)
  console.log(`time      ${(sums.virtualS / 3600).toFixed(1)} virtual hours in ${seconds.toFixed(1)} s`)
  console.log('broken    0')
  return 0
}

function say({ seed, broken, tail }: Outcome): number {
  for (const line of tail) console.log(line)
  console.log(`seed ${seed}: ${broken?.message}`)
  if (broken?.name !== 'Broken') console.log(broken?.stack)
  console.log(`again: bun run simulate --seed ${seed} --trace`)
  return 1
}

function list(counts: Map<string, number>): string {
  return [...counts].map(([name, times]) => `${times} ${name}`).join(', ') || 'none'
}

process.exit(await main(process.argv.slice(2)))
