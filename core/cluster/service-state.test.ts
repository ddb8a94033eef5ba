import { expect, test } from 'bun:test'
import type { Service } from '../config/cluster'
import type { Outcome } from './probe'
import { type Evidence, serviceState } from './service-state'

const service = { id: 'llm', kind: 'vllm', port: 8888, container: 'vllm_node' } as Service
const running = [{ name: 'vllm_node', image: 'vllm-node', state: 'running', status: 'Up 2 minutes' }]
const judged = (outcome: Outcome, more: Partial<Evidence> = {}) =>
  serviceState({ service, outcome, linked: true, containers: [], loading: false, previous: 'unknown', ...more }).state

test('serviceState() tells stopped, down and unknown apart', () => {
  expect(judged({ kind: 'refused' })).toBe('stopped')
  expect(judged({ kind: 'refused' }, { containers: running })).toBe('down')
  expect(judged({ kind: 'refused' }, { containers: null })).toBe('unknown')
  expect(judged({ kind: 'refused' }, { linked: false, containers: null })).toBe('unknown')
  expect(judged({ kind: 'unreachable' }, { linked: false, containers: null })).toBe('unknown')
})

test('serviceState() takes a slow answer of a working service for busy, never for down', () => {
  expect(judged({ kind: 'timeout' }, { previous: 'up' })).toBe('busy')
  expect(judged({ kind: 'timeout' }, { previous: 'busy' })).toBe('busy')
  expect(judged({ kind: 'timeout' }, { previous: 'stopped' })).toBe('down')
})

test('serviceState() takes silence of a service on a lost host for unknown, never for busy', () => {
  expect(judged({ kind: 'timeout' }, { previous: 'up', linked: false, containers: null })).toBe('unknown')
})

test('serviceState() says starting while a swap loads into it', () => {
  expect(judged({ kind: 'refused' }, { loading: true })).toBe('starting')
  expect(judged({ kind: 'answered', finding: { state: 'up' } }, { loading: true })).toBe('up')
})

test('serviceState() gives every state but up a cause', () => {
  const outcomes: Outcome[] = [
    { kind: 'refused' },
    { kind: 'timeout' },
    { kind: 'unreachable' },
    { kind: 'broken', detail: 'x' },
  ]
  for (const outcome of outcomes) {
    for (const containers of [null, [], running]) {
      const { cause } = serviceState({
        service,
        outcome,
        linked: containers !== null,
        containers,
        loading: false,
        previous: 'up',
      })
      expect(cause).not.toBeNull()
    }
  }
})
