import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { secrets } from './secrets'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spark-secrets-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const mode = (...path: string[]) => statSync(join(folder, 'secrets', ...path)).mode & 0o777

test('secrets() keeps a value where only its owner can read it, and over a restart', () => {
  const kept = secrets(folder)
  kept.set('HF_TOKEN', 'one')
  kept.set('HF_TOKEN', 'two')
  expect([mode(), mode('HF_TOKEN')]).toEqual([0o700, 0o600])
  expect(secrets(folder).get('HF_TOKEN')).toBe('two')
  expect([kept.names(), kept.has('HF_TOKEN'), kept.has('OTHER')]).toEqual([['HF_TOKEN'], true, false])
})

test('secrets() forgets a value for good', () => {
  const kept = secrets(folder)
  expect([kept.remove('A'), kept.names()]).toEqual([false, []])
  kept.set('A', 'value')
  expect([kept.remove('A'), kept.get('A'), kept.names()]).toEqual([true, null, []])
})

test('secrets() takes no name that would be a path', () => {
  const kept = secrets(folder)
  for (const name of ['../a', 'a/b', '', '.a', 'a'.repeat(65), '1a']) expect(() => kept.set(name, 'x')).toThrow('name')
})
