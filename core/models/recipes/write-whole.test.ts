import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeWhole } from './write-whole'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'write-whole-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('writeWhole() makes the folder and the file for the owner alone', () => {
  const deep = join(folder, 'recipes', 'waiting')
  writeWhole(deep, 'a.yaml', 'one')
  writeWhole(deep, 'a.yaml', 'two')
  expect(readFileSync(join(deep, 'a.yaml'), 'utf8')).toBe('two')
  expect(readdirSync(deep)).toEqual(['a.yaml'])
  expect([deep, join(deep, 'a.yaml')].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600])
})

test('writeWhole() leaves no part of what it could not write', () => {
  const taken = join(folder, 'taken')
  mkdirSync(join(taken, 'a.yaml', 'x'), { recursive: true })
  expect(() => writeWhole(taken, 'a.yaml', 'text')).toThrow()
  expect(readdirSync(taken)).toEqual(['a.yaml'])
})
