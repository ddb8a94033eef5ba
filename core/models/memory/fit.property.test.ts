import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { sampleService } from '../../config/declared.sample'
import { sampleFound } from '../disk/disk.sample'
import type { FoundModel } from '../disk/found-model'
import { sampleRecipe } from '../recipe.sample'
import { configs } from './configs.sample'
import { demandOf } from './demand'
import { type Fit, type FitInput, fit, type MeasuredLaunch } from './fit'
import type { HostLedger, MemoryUse } from './ledger'
import { wishesOf } from './wishes'

const GiB = 2 ** 30
// A failure that hangs on one byte would be made smaller by one byte at a time.
const runs = { numRuns: 2000, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: true }

test('an accepted fit never exceeds a host, whatever the recipe and the ledger', () => {
  fc.assert(
    fc.property(cases(), (input) => {
      const answer = fit(input)
      if (answer.fits !== true) return
      for (const ledger of input.ledgers) {
        const { needs_bytes: needs, room_bytes: room } = answer.hosts[ledger.host] ?? never()
        expect(needs).toBeLessThanOrEqual(room ?? never())
        expect((needs ?? never()) + staying(ledger) + ledger.reserve_bytes).toBeLessThanOrEqual(
          ledger.total_bytes ?? never(),
        )
      }
    }),
    runs,
  )
})

test('more free memory never turns yes into no', () => {
  fc.assert(
    fc.property(cases(), fc.nat(200 * GiB), fc.nat(10), (input, more, which) => {
      if (fit(input).fits !== true) return
      expect(fit({ ...input, ledgers: input.ledgers.map((each) => freed(each, more, which)) }).fits).toBe(true)
    }),
    runs,
  )
})

test('each remedy that names a number or something to stop is enough by itself', () => {
  fc.assert(
    fc.property(cases(), (input) => {
      for (const remedy of fit(input).remedies) {
        const after = applied(remedy, input)
        // Where a figure is missing it stays unknown; but no is no longer the answer.
        if (after) expect([remedy, fit(after).fits]).not.toEqual([remedy, false])
      }
    }),
    runs,
  )
})

test('a computed share is the smallest that holds what is wanted, or all there is', () => {
  fc.assert(
    fc.property(cases(), (input) => {
      const answer = fit(input)
      if (!answer.computed || answer.utilization === null || answer.fits !== true) return
      const less = pinned(input, answer.utilization - 0.01)
      const demand = demandOf(input, wishesOf(input.recipe))
      const wanted = (demand.weights ?? never()) + demand.overhead + demand.kv(answer.context ?? 8192, 4)
      const holds = fitsWanted(input, answer, wanted)
      if (answer.utilization > 0.01 && holds) expect(fitsWanted(less, fit(less), wanted)).toBe(false)
      // Where it does not hold all, a hundredth more is more than some host has.
      if (!holds) expect(fit(pinned(input, answer.utilization + 0.01)).fits).not.toBe(true)
    }),
    runs,
  )
})

test('a sequence as long as max_context says fits, and none that is a token longer', () => {
  fc.assert(
    fc.property(cases(), (input) => {
      const { max_context: most, fits, computed } = fit(input)
      if (most === null || most < 1 || fits === null || input.launches?.length) return
      const of = (tokens: number) => fit({ ...input, recipe: withFlag(input, `--max-model-len ${tokens}`) }).fits
      if (fits || computed) expect(of(most)).toBe(true)
      const longest = Math.max(
        wishesOf(input.recipe).context ?? 0,
        demandOf(input, wishesOf(input.recipe)).context ?? 0,
      )
      if (computed && most < longest) expect(of(most + 1)).toBe(false)
    }),
    runs,
  )
})

function fitsWanted({ ledgers }: FitInput, { utilization }: Fit, wanted: number): boolean {
  return ledgers.every(({ total_bytes: total }) => Math.ceil((total ?? 0) * (utilization ?? 0)) >= wanted)
}

function staying({ uses }: HostLedger): number {
  return uses.filter(({ ends }) => !ends).reduce((sum, { bytes }) => sum + bytes, 0)
}

/** More available memory, as when one of the uses became smaller. */
function freed(ledger: HostLedger, more: number, which: number): HostLedger {
  const { available_bytes: available, total_bytes: total, uses } = ledger
  return {
    ...ledger,
    available_bytes: available === null ? null : Math.min(available + more, total ?? Infinity),
    uses: uses.map((use, index) =>
      index === which && !use.ends ? { ...use, bytes: Math.max(0, use.bytes - more) } : use,
    ),
  }
}

/** What a person would do; null for a remedy that is no number of ours. */
function applied(remedy: string, input: FitInput): FitInput | null {
  const of = (pattern: RegExp) => pattern.exec(remedy)?.[1]
  const share = of(/gpu_memory_utilization to ([\d.]+)/)
  const context = of(/max_model_len to (\d+)/)
  const size = of(/gpu_memory_utilization_gb to (\d+)/)
  const cache = of(/kv_cache_memory_bytes to (\d+)/)
  const flags = [
    share && `--gpu-memory-utilization ${share}`,
    context && `--max-model-len ${context}`,
    size && `--gpu-memory-utilization-gb ${size}`,
    cache && `--kv-cache-memory-bytes ${cache}`,
  ].filter((flag) => flag !== undefined)
  if (flags.length > 0) return { ...input, recipe: withFlag(input, flags.join(' ')) }
  const names = [...remedy.matchAll(/(?:stop|end) (\S+)(?: on (\S+))? \(/g)]
  if (names.length === 0) return null
  const ledgers = input.ledgers.map((ledger) => ({
    ...ledger,
    uses: ledger.uses.filter(({ name }) => !stopped(ledger, name)),
    available_bytes:
      ledger.available_bytes === null
        ? null
        : ledger.available_bytes +
          ledger.uses.reduce((sum, { name, bytes }) => sum + (stopped(ledger, name) ? bytes : 0), 0),
  }))
  return { ...input, ledgers }

  function stopped({ host }: HostLedger, name: string): boolean {
    return names.some(([, named, on]) => named === name && (on === undefined || on === host))
  }
}

function pinned(input: FitInput, share: number): FitInput {
  return { ...input, recipe: withFlag(input, `--gpu-memory-utilization ${share.toFixed(2)}`) }
}

/** The last of a flag wins. */
function withFlag({ recipe }: FitInput, flags: string) {
  return { ...recipe, command: `${recipe.command} ${flags}` }
}

function cases(): fc.Arbitrary<FitInput> {
  const flags = fc.record({
    share: fc.option(fc.double({ min: 0.05, max: 1, noNaN: true }).map((share) => share.toFixed(2))),
    size: fc.option(fc.integer({ min: 1, max: 130 }), { freq: 8 }),
    cache: fc.option(
      fc.integer({ min: 1, max: 100 }).map((gib) => `${gib}G`),
      { freq: 8 },
    ),
    context: fc.option(fc.oneof(fc.integer({ min: 1, max: 1_100_000 }), fc.constant('auto'))),
    sequences: fc.option(fc.integer({ min: 4, max: 64 })),
    dtype: fc.constantFrom('auto', 'fp8', 'nvfp4'),
    batched: fc.option(fc.integer({ min: 64, max: 65_536 })),
    tp: fc.integer({ min: 1, max: 4 }),
    drafted: fc.option(fc.integer({ min: 1, max: 5 }), { freq: 4 }),
  })
  const launch = fc.record({
    weightsBytes: fc.option(fc.integer({ min: 1, max: 130 * GiB })),
    overheadBytes: fc.option(fc.integer({ min: 1, max: 20 * GiB })),
    kvBytesPerToken: fc.option(fc.integer({ min: 100, max: 600_000 })),
  })
  return fc
    .record({
      flags,
      config: fc.option(fc.constantFrom(...Object.values(configs))),
      weightBytes: fc.oneof(fc.integer({ min: 1, max: 300e9 }), fc.constant(0)),
      ledgers: fc.array(ledgers(), { minLength: 1, maxLength: 4 }),
      launches: fc.oneof(fc.constant<MeasuredLaunch[]>([]), fc.array(launch, { maxLength: 4 })) as fc.Arbitrary<
        MeasuredLaunch[]
      >,
    })
    .map(({ flags, config, weightBytes, ledgers, launches }) => ({
      recipe: sampleRecipe({ command: `vllm serve org/model ${argv(flags)}`, nodes: ledgers.length }),
      service: sampleService(),
      found: foundOf(weightBytes, config),
      ledgers: ledgers.map((ledger, index) => ({ ...ledger, host: `spark-${index + 1}` })),
      launches,
    }))
}

function foundOf(weightBytes: number, config: FoundModel['config']): FitInput['found'] {
  return weightBytes === 0 ? {} : { 'spark-1': sampleFound('org/model', { weightBytes, config }) }
}

function argv(flags: Record<string, string | number | null>): string {
  const names: Record<string, string> = {
    share: '--gpu-memory-utilization',
    size: '--gpu-memory-utilization-gb',
    cache: '--kv-cache-memory-bytes',
    context: '--max-model-len',
    sequences: '--max-num-seqs',
    dtype: '--kv-cache-dtype',
    batched: '--max-num-batched-tokens',
    tp: '-tp',
  }
  const { drafted } = flags
  const words = Object.entries(names).flatMap(([key, name]) => (flags[key] === null ? [] : [`${name} ${flags[key]}`]))
  return [
    ...words,
    drafted ? `--speculative-config '{{"method": "mtp", "num_speculative_tokens": ${drafted}}}'` : '',
  ].join(' ')
}

/** Hosts that are as they should be, and hosts whose figures contradict each other. */
function ledgers(): fc.Arbitrary<HostLedger> {
  const use = (index: number): fc.Arbitrary<MemoryUse> =>
    fc.record({
      service: fc.constantFrom(null, `service-${index}`),
      name: fc.constant(`use-${index}`),
      bytes: fc.oneof(fc.nat(100 * GiB), fc.constant(0)),
      ends: fc.boolean(),
    })
  return fc.record({
    host: fc.constant(''),
    seen_at: fc.constant(null),
    total_bytes: fc.option(fc.integer({ min: 16 * GiB, max: 512 * GiB }), { freq: 20 }),
    available_bytes: fc.option(fc.nat(200 * GiB), { freq: 20 }),
    cached_bytes: fc.option(fc.nat(100 * GiB)),
    reserve_bytes: fc.nat(16 * GiB),
    uses: fc.tuple(use(1), use(2), use(3)),
  })
}

function never(): never {
  throw new Error('an accepted fit must tell its figures')
}
