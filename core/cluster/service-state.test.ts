import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Service } from '../config/cluster'
import type { Outcome, ProbeFinding } from './probe'
import { type Evidence, serviceState } from './service-state'
import type { ContainerFact, ServiceState } from './snapshot'
import { newVitals, stillForMs, vitalsAfter } from './vitals'

const service = { id: 'llm', kind: 'vllm', port: 8888, container: 'vllm_node' } as Service
const container: ContainerFact = {
  name: 'vllm_node',
  image: 'vllm-node',
  state: 'running',
  health: null,
  started_at: null,
  exit_code: null,
  out_of_memory: false,
  crashed: false,
}
const running = [container]
const answer = (finding: ProbeFinding, slowestMs = 5): Outcome => ({ kind: 'answered', finding, slowestMs })
const judgement = (outcome: Outcome, more: Partial<Evidence> = {}) =>
  serviceState({
    service,
    outcome,
    vitals: newVitals(0),
    now: 0,
    linked: true,
    containers: running,
    startedForMs: null,
    loading: false,
    previous: 'unknown',
    elsewhere: null,
    ...more,
  })
const judged = (outcome: Outcome, more: Partial<Evidence> = {}) => judgement(outcome, more).state

/** Looks once a second for as long as there are outcomes; the states on the way. */
function watched(outcomes: Outcome[], trafficAt: (second: number) => number = () => 0): ServiceState[] {
  let vitals = newVitals(0)
  let previous: ServiceState = 'up'
  return outcomes.map((outcome, second) => {
    const now = second * 1000
    vitals = vitalsAfter(vitals, outcome, now, trafficAt(second))
    previous = judged(outcome, { vitals, now, previous })
    return previous
  })
}

test('serviceState() tells stopped, down and unknown apart', () => {
  expect(judged({ kind: 'refused' }, { containers: [] })).toBe('stopped')
  expect(judged({ kind: 'refused' }, { containers: [{ ...container, state: 'exited' }] })).toBe('stopped')
  expect(judged({ kind: 'refused' })).toBe('down')
  expect(judged({ kind: 'refused' }, { containers: null })).toBe('unknown')
  expect(judged({ kind: 'refused' }, { linked: false, containers: null })).toBe('unknown')
  expect(judged({ kind: 'unreachable' }, { linked: false, containers: null })).toBe('unknown')
})

test('serviceState() takes a slow answer for busy, never for down', () => {
  for (const previous of ['up', 'busy', 'unknown', 'down'] as const)
    expect(judged({ kind: 'timeout' }, { previous })).toBe('busy')
  expect(judged(answer({ state: 'up' }, 31_000))).toBe('busy')
})

test('serviceState() never takes a saturated engine for down, however late its health path answers', () => {
  const busy = Array.from({ length: 600 }, (_, second) =>
    answer({ state: 'busy', activity: { running: 256, moved: second * 40 } }),
  )
  expect(new Set(watched(busy))).toEqual(new Set(['busy']))
})

test('serviceState() never takes an engine for stalled whose answers pass through the gateway', () => {
  const silent = Array.from({ length: 300 }, (): Outcome => ({ kind: 'timeout' }))
  expect(new Set(watched(silent, (second) => second * 1000))).toEqual(new Set(['busy']))
})

test('serviceState() calls an engine stalled once its counters stand still with requests running', () => {
  const still = Array.from({ length: 91 }, () => answer({ state: 'up', activity: { running: 2, moved: 1000 } }))
  const states = watched(still)
  expect(states.indexOf('stalled')).toBe(stillForMs / 1000)
  expect(states.at(-1)).toBe('stalled')
  const again = [...still, answer({ state: 'up', activity: { running: 2, moved: 1001 } })]
  expect(watched(again).at(-1)).toBe('up')
})

test('serviceState() leaves an idle engine up whose counters stand still', () => {
  const idle = Array.from({ length: 200 }, () => answer({ state: 'up', activity: { running: 0, moved: 1000 } }))
  expect(new Set(watched(idle))).toEqual(new Set(['up']))
})

test('serviceState() calls a port that opens and never answers stalled in the end', () => {
  const states = watched(Array.from({ length: 70 }, (): Outcome => ({ kind: 'timeout' })))
  expect(states.slice(0, 60)).toEqual(Array(60).fill('busy'))
  expect(states.at(-1)).toBe('stalled')
})

test('serviceState() does not call a service down for one strange answer, but for a closed port at once', () => {
  const bad: Outcome = { kind: 'broken', detail: 'no JSON' }
  expect(watched([answer({ state: 'up' }), bad, bad, bad])).toEqual(['up', 'up', 'up', 'down'])
  const failing = answer({ state: 'down', cause: '/health answers 500' })
  expect(watched([answer({ state: 'up' }), failing, answer({ state: 'up' })])).toEqual(['up', 'up', 'up'])
  expect(watched([answer({ state: 'up' }), { kind: 'refused' }])).toEqual(['up', 'down'])
})

test('serviceState() takes silence of a service on a lost host for unknown, never for busy', () => {
  expect(judged({ kind: 'timeout' }, { previous: 'up', linked: false, containers: null })).toBe('unknown')
})

test('serviceState() says starting while a swap loads into it, and shortly after its container was started', () => {
  expect(judged({ kind: 'refused' }, { loading: true })).toBe('starting')
  expect(judged(answer({ state: 'up' }), { loading: true })).toBe('up')
  expect(judged({ kind: 'refused' }, { startedForMs: 2000 })).toBe('starting')
  expect(judged({ kind: 'refused' }, { startedForMs: 120_000 })).toBe('down')
  expect(judged({ kind: 'refused' }, { startedForMs: 2000, previous: 'up' })).toBe('down')
  expect(judged({ kind: 'refused' }, { containers: [{ ...container, health: 'starting' }] })).toBe('starting')
})

test('serviceState() names the port on which the service answers, and who answers in its place', () => {
  const moved = judgement({ kind: 'refused' }, { elsewhere: { kind: 'other_port', port: 8001 } })
  expect(moved.cause).toBe('nothing listens on port 8888; it answers on port 8001')
  expect(moved.remedy).toContain('services.llm.port to 8001')
  const other = judgement({ kind: 'broken', detail: 'x' }, { elsewhere: { kind: 'other_service', title: 'ComfyUI' } })
  expect(other.cause).toBe('port 8888 answers as ComfyUI, not as llm should')
})

test('serviceState() gives every state but up a cause', () => {
  const outcome = fc.constantFrom<Outcome>(
    { kind: 'refused' },
    { kind: 'timeout' },
    { kind: 'unreachable' },
    { kind: 'broken', detail: 'x' },
    answer({ state: 'up' }, 9000),
    answer({ state: 'up', activity: { running: 1, moved: 5 } }),
  )
  const evidence = fc.record({
    containers: fc.constantFrom(null, [], running, [{ ...container, state: 'restarting' }]),
    linked: fc.boolean(),
    loading: fc.boolean(),
    previous: fc.constantFrom<ServiceState>('up', 'busy', 'stalled', 'starting', 'stopped', 'down', 'unknown'),
    now: fc.nat(200_000),
  })
  fc.assert(
    fc.property(outcome, evidence, (seen, more) => {
      const vitals = vitalsAfter(newVitals(0), seen, 0)
      const { state, cause } = judgement(seen, { ...more, vitals: { ...vitals, misses: 3 } })
      expect(state === 'up' || cause !== null).toBe(true)
    }),
  )
})

test('serviceState() of a service without a port is that of its container', () => {
  const bot = { id: 'bot', kind: 'bot', port: 0, container: 'vllm_node' } as Service
  const asIs = (more: Partial<Evidence>) => judged(answer({ state: 'up' }), { service: bot, ...more })
  expect(asIs({})).toBe('up')
  expect(asIs({ containers: [{ ...container, state: 'exited' }] })).toBe('stopped')
  expect(asIs({ containers: [] })).toBe('stopped')
  expect(asIs({ containers: [{ ...container, health: 'starting' }] })).toBe('starting')
  expect(asIs({ containers: [{ ...container, health: 'unhealthy' }] })).toBe('down')
  expect(asIs({ containers: null })).toBe('unknown')
  expect(asIs({ linked: false, containers: null })).toBe('unknown')
})
