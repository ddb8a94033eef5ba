import { expect, test } from 'bun:test'
import type { Asked } from './preflight'
import { unmet } from './preflight'

const asked = (problem: string, code: number | null, said = '', differs?: string): Asked => ({
  requirement: { argv: [], problem, differs },
  answer: code === null ? null : { code, said },
})

test('unmet() is null when every host said yes', () => {
  expect(unmet([[asked('a', 0)], [asked('b', 0)]])).toBeNull()
})

test('unmet() tells the first no, the head’s before another’s', () => {
  expect(unmet([[asked('a', 0), asked('b', 1)], [asked('c', 1)]])).toBe('b')
})

test('unmet() takes a question that was not answered for a no', () => {
  expect(unmet([[asked('a', null)]])).toBe('a')
})

test('unmet() tells where a host prints something else than the head, and only where that matters', () => {
  const head = [asked('a', 0, 'v1'), asked('b', 0, 'sha:1', 'b differs')]
  expect(unmet([head, [asked('a', 0, 'v2'), asked('b', 0, 'sha:1', 'b differs')]])).toBeNull()
  expect(unmet([head, [asked('a', 0, 'v1'), asked('b', 0, 'sha:2', 'b differs')]])).toBe('b differs')
})
