import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { usualDemand } from '../../models/own-block'
import type { DemandRules, Recipe } from '../../models/recipe'
import { sampleRecipe } from '../../models/recipe.sample'
import { mayEnd, type SlotNow } from './may-end'
import { type Asked, type DemandState, nextDemand } from './next-demand'

const [a, b, c] = [recipe('a'), recipe('b'), recipe('c')]

describe('nextDemand()', () => {
  test('loads what is asked for into an empty service first, else into the one that was used longest ago', () => {
    const used = [slot('s1', a, { usedAt: 9 }), slot('s2', b, { usedAt: 5 })]
    expect(nextDemand(state([asked(c)], used)).start).toEqual({ recipe: c, services: ['s2', 's1'] })
    expect(nextDemand(state([asked(c)], [...used, slot('s3', null)])).start?.services).toEqual(['s3', 's2', 's1'])
  })

  test('takes the highest priority first, among equals whoever waits longest', () => {
    const urgent = recipe('urgent', { priority: 1 })
    const waiting = [asked(b, { since: 2 }), asked(a, { since: 1 }), asked(urgent, { since: 3 })]
    const { start, verdicts } = nextDemand(state(waiting, [slot('s', null)]))
    expect(start?.recipe.id).toBe('urgent')
    expect([...verdicts.keys()]).toEqual(['urgent', 'a', 'b'])
  })

  test('waits until the model that is loaded has had its time', () => {
    const slots = [slot('s', recipe('a', { minLoadedS: 300 }), { loadedAt: 0 })]
    const early = nextDemand(state([asked(b)], slots, { now: 299_999 }))
    expect(early.verdicts.get('b')).toEqual({
      kind: 'wait',
      reason: 'a stays for 300 s once it is loaded',
      from: 300_000,
    })
    expect(nextDemand(state([asked(b)], slots, { now: 300_000 })).start?.recipe).toBe(b)
  })

  test('refuses what could only end a model that is kept, that has a higher priority, or that no recipe describes', () => {
    const reasonFor = (slots: SlotNow[]) => nextDemand(state([asked(b)], slots)).verdicts.get('b')
    expect(reasonFor([slot('s', recipe('a', { keep: true }))])).toEqual({
      kind: 'refuse',
      reason: 'a runs in s and is kept',
    })
    expect(reasonFor([slot('s', recipe('a', { priority: 1 }))])).toEqual({
      kind: 'refuse',
      reason: 'a runs in s and has a higher priority',
    })
    expect(reasonFor([slot('s', null, { repo: 'org/other' })])?.kind).toBe('refuse')
    expect(reasonFor([])).toEqual({ kind: 'refuse', reason: 'no service takes models' })
  })

  test('does nothing while the lock is held, but for whoever holds it', () => {
    const locked = { locked: 'Alice' }
    const held = nextDemand(state([asked(a)], [slot('s', null)], locked))
    expect(held.verdicts.get('a')).toMatchObject({ kind: 'wait', reason: 'swaps are locked by Alice' })
    const holders = [asked(a, { since: 1 }), asked(b, { since: 2, admitted: true })]
    expect(nextDemand(state(holders, [slot('s', null)], locked)).start?.recipe).toBe(b)
  })

  test('tries no service where it was impossible, and refuses with the reason once there is none left', () => {
    const impossible = new Map([['s1', 'it does not fit']])
    const slots = [slot('s1', null), slot('s2', null)]
    expect(nextDemand(state([asked(a, { impossible })], slots)).start?.services).toEqual(['s2'])
    const verdict = nextDemand(state([asked(a, { impossible })], slots.slice(0, 1))).verdicts.get('a')
    expect(verdict).toEqual({ kind: 'refuse', reason: 'it does not fit' })
  })

  test('loads a model anew that answers no more, where it was', () => {
    const slots = [slot('s1', b), slot('s2', recipe('a', { keep: true, minLoadedS: 300 }))]
    expect(nextDemand(state([asked(a)], slots)).start?.services[0]).toBe('s2')
  })

  test('waits while a load of it is on its way back, also where it was barred before', () => {
    const failing = asked(a, { goingBack: 'failed', barred: 'it failed before' })
    expect(nextDemand(state([failing], [slot('s', null)], { swapping: true })).verdicts.get('a')).toEqual({
      kind: 'wait',
      reason: 'its load has failed; what ran before is coming back',
      from: null,
      awaits: 'swap',
    })
  })

  test('waits while nobody knows what runs', () => {
    const { verdicts } = nextDemand(state([asked(a)], [slot('s', null, { seen: false })]))
    expect(verdicts.get('a')?.kind).toBe('wait')
  })
})

const rules = fc.record({
  onDemand: fc.constant(true),
  priority: fc.integer({ min: -2, max: 2 }),
  minLoadedS: fc.integer({ min: 0, max: 3 }),
  idleUnloadS: fc.constant(null),
  keep: fc.boolean(),
})
const anySlot = fc
  .record({ rules, empty: fc.boolean(), seen: fc.boolean(), loadedAt: fc.nat(5000), usedAt: fc.nat(5000) })
  .map(({ rules, empty, seen, ...times }) => ({ loaded: empty ? null : rules, seen, ...times }))
const anyState = fc
  .record({
    now: fc.nat(10_000),
    asked: fc.array(
      fc.record({ rules, waiting: fc.nat(2), since: fc.nat(9), admitted: fc.boolean(), barred: fc.boolean() }),
      { maxLength: 5 },
    ),
    slots: fc.array(anySlot, { maxLength: 4 }),
    swapping: fc.boolean(),
    locked: fc.option(fc.constant('Alice')),
  })
  .map(
    ({ asked: wanted, slots, ...rest }): DemandState => ({
      ...rest,
      asked: wanted.map(({ rules, barred, ...each }, n) =>
        asked(recipe(`asked-${n}`, rules), { ...each, barred: barred ? 'it failed' : null }),
      ),
      slots: slots.map(({ loaded, ...each }, n) => slot(`s${n}`, loaded && recipe(`loaded-${n}`, loaded), each)),
    }),
  )

describe('whatever is asked for and loaded, nextDemand()', () => {
  test('starts only what somebody waits for and may have now, and ends nothing before its time', () => {
    fc.assert(
      fc.property(anyState, (given) => {
        const { start, verdicts } = nextDemand(given)
        expect([...verdicts.keys()].toSorted()).toEqual(
          given.asked.flatMap(({ waiting, recipe: { id } }) => (waiting > 0 ? [id] : [])).toSorted(),
        )
        if (!start) return
        const who = given.asked.find(({ recipe: { id } }) => id === start.recipe.id)
        expect(given.swapping).toBe(false)
        expect(who).toMatchObject({ barred: null })
        expect(who?.waiting).toBeGreaterThan(0)
        expect(given.locked === null || who?.admitted).toBe(true)
        for (const service of start.services) {
          const there = given.slots.find((each) => each.service === service)
          if (!there?.recipe) continue
          const { keep, priority, minLoadedS } = there.recipe.demand
          expect({ seen: there.seen, keep }).toEqual({ seen: true, keep: false })
          expect(priority).toBeLessThanOrEqual(start.recipe.demand.priority)
          expect(given.now).toBeGreaterThanOrEqual(there.loadedAt + minLoadedS * 1000)
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('starts something, or says of each why not', () => {
    fc.assert(
      fc.property(anyState, (given) => {
        const { start, verdicts } = nextDemand(given)
        const kinds = [...verdicts.values()].map(({ kind }) => kind)
        expect(start !== null).toBe(kinds.includes('start'))
        for (const verdict of verdicts.values()) if (verdict.kind !== 'start') expect(verdict.reason).not.toBe('')
      }),
      { numRuns: 1000 },
    )
  })

  test('lets nobody starve: of models of one priority each is loaded before any other is loaded twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 3 }), fc.nat(3), (models, places, minS) => {
        const all = Array.from({ length: models }, (_, n) => recipe(`m${n}`, { minLoadedS: minS }))
        const since = new Map(all.map(({ id }, n) => [id, n]))
        let slots = Array.from({ length: places }, (_, n) => slot(`s${n}`, null))
        const loads: string[] = []
        for (let now = 100; loads.length < models * 3 && now < 1_000_000; now += 500) {
          const loaded = slots.map((each) => each.recipe?.id)
          // Whoever lost its model asks for it again at once.
          const wanting = all.filter(({ id }) => !loaded.includes(id))
          for (const { id } of wanting) since.set(id, since.get(id) ?? now)
          const { start } = nextDemand(
            state(
              wanting.map((each) => asked(each, { since: since.get(each.id) ?? now })),
              slots,
              { now },
            ),
          )
          if (!start) continue
          loads.push(start.recipe.id)
          since.delete(start.recipe.id)
          slots = slots.map((each) =>
            each.service === start.services[0]
              ? slot(each.service, start.recipe, { loadedAt: now, usedAt: now })
              : each,
          )
        }
        if (models <= places) return expect(new Set(loads).size).toBe(models)
        expect(loads.length).toBe(models * 3)
        for (let from = 0; from + models <= loads.length; from++)
          expect(new Set(loads.slice(from, from + models)).size).toBe(models)
      }),
    )
  })
})

test('mayEnd() is never stricter for a higher priority', () => {
  fc.assert(
    fc.property(anySlot, fc.integer({ min: -2, max: 2 }), ({ loaded, ...each }, priority) => {
      const there = slot('s', loaded && recipe('x', loaded), each)
      const [more, less] = [priority + 1, priority].map(
        (each) => mayEnd(recipe('asked', { priority: each }), there).from,
      )
      expect(more ?? 0).toBeLessThanOrEqual(less ?? 0)
    }),
  )
})

function recipe(id: string, rules: Partial<DemandRules> = {}): Recipe {
  return sampleRecipe({ id, repo: `org/${id}`, demand: { ...usualDemand, onDemand: true, minLoadedS: 0, ...rules } })
}

function asked(recipe: Recipe, fields: Partial<Asked> = {}): Asked {
  return { recipe, waiting: 1, since: 0, admitted: false, barred: null, impossible: new Map(), ...fields }
}

function slot(service: string, recipe: Recipe | null, fields: Partial<SlotNow> = {}): SlotNow {
  return { service, seen: true, repo: recipe?.repo ?? null, recipe, loadedAt: 0, usedAt: 0, ...fields }
}

function state(asked: Asked[], slots: SlotNow[], fields: Partial<DemandState> = {}): DemandState {
  return { now: 1000, asked, slots, swapping: false, locked: null, ...fields }
}
