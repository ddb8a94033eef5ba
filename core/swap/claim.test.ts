import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NotConnectedError, TooLongError } from '../cluster/remote-commands'
import { claim } from './claim'
import { claimFence, fenced, fenceOn } from './steps/fence'
import { localHost } from './steps/local-host.sample'
import { SupersededError, type SwapHost } from './steps/step'
import { stepContext } from './steps/step-context.sample'

const scratch = mkdtempSync(join(tmpdir(), 'spark-claim-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

let count = 0
function spark(id: string): SwapHost & { home: string } {
  const home = join(scratch, String(++count))
  mkdirSync(home)
  return { ...localHost(home, id), home }
}

function claims(lives: SwapHost[], part: { needed?: string[]; mine?: number } = {}) {
  const logged: string[] = []
  const hosts = new Map(lives.map((live) => [live.host.id, live]))
  const context = stepContext({ job: 'swap-a', hosts, log: (lines) => logged.push(...lines) })
  const { needed = ['spark-1'], mine = null } = part
  const numbered = (seen: number) => Promise.resolve(seen + 1)
  return { context, logged, done: claim({ all: [...hosts.keys()], needed, mine }, context, numbered) }
}

/** As a host whose claims fail with that; every other command is its own. */
function without(live: SwapHost, refuse: (words: string) => Error | null): SwapHost {
  return { ...live, run: (argv, options) => rejectOr(refuse(argv.join(' ')), () => live.run(argv, options)) }
}

function rejectOr<T>(error: Error | null, act: () => Promise<T>): Promise<T> {
  return error ? Promise.reject(error) : act()
}

test('a host that nothing is launched on is left when it does not take the fence within ten seconds', async () => {
  const one = spark('spark-1')
  const slow = without(spark('spark-2'), () => new TooLongError('perl: took over 15 s on spark-2; try again'))
  const deaf = without(spark('spark-3'), (words) => (/ claim /.test(words) ? new NotConnectedError('lost') : null))
  const full = spark('spark-4')
  writeFileSync(join(full.home, '.spark-control'), '')
  const { context, logged, done } = claims([one, slow, deaf, full])
  await done
  expect(await fenceOn(one)).toBe(1)
  expect(context.clock.rising()).toBeLessThan(60_000)
  expect(logged.map((line) => line.split(' ')[0]?.replace(':', '')).sort()).toEqual(['spark-2', 'spark-3', 'spark-4'])
})

test('a higher fence counts on a host that nothing is launched on too', async () => {
  const two = spark('spark-2')
  await claimFence(two, 7, 'swap-b')
  await expect(claims([spark('spark-1'), two], { mine: 5 }).done).rejects.toBeInstanceOf(SupersededError)
})

test('a claim waits for an earlier command of the same swap longer than for one of another', async () => {
  for (const [holder, waits] of [
    ['swap-a', true],
    ['swap-b', false],
  ] as const) {
    const live = spark('spark-1')
    await claimFence(live, 1, holder)
    const command = ['sh', '-c', 'touch "$1/began"; while [ ! -e "$1/go" ]; do sleep 0.05; done', 'x', live.home]
    const stop = fenced(live, 1, holder, command)
    while (!existsSync(join(live.home, 'began'))) await Bun.sleep(5)
    let tried = 0
    // The Spark itself waits for 60 s each time.
    const hurried: SwapHost = {
      ...live,
      run(argv, options) {
        if (argv.includes('claim') && ++tried === 3) writeFileSync(join(live.home, 'go'), '')
        return live.run(argv.includes('claim') && tried < 3 ? [...argv.slice(0, -1), '0'] : argv, options)
      },
    }
    const { done } = claims([hurried], { mine: 1 })
    if (waits) await done
    else await expect(done).rejects.toThrow('a command of swap-b is still running there')
    expect(tried).toBe(waits ? 3 : 1)
    writeFileSync(join(live.home, 'go'), '')
    await stop
  }
}, 20_000)
