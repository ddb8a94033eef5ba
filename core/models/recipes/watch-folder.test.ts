import { afterEach, beforeEach, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { watchFolder } from './watch-folder'

let parent = ''
let folder = ''
let stop: AbortController
let seen = Promise.withResolvers<void>()

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'watch-'))
  folder = join(parent, 'recipes')
  stop = new AbortController()
  seen = Promise.withResolvers()
})
afterEach(() => {
  stop.abort()
  rmSync(parent, { recursive: true })
})

const start = (everyMs: number) =>
  watchFolder({ folder, restMs: 1, everyMs, signal: stop.signal, changed: () => seen.resolve() })

test('watchFolder() tells of a file at once', async () => {
  mkdirSync(folder)
  start(1_000_000)
  writeFileSync(join(folder, 'a.yaml'), '')
  await seen.promise
})

test('watchFolder() goes on where the folder is not there yet, or is made anew', async () => {
  start(10)
  mkdirSync(folder)
  await seen.promise
  for (const name of ['a.yaml', 'b.yaml']) {
    seen = Promise.withResolvers()
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    writeFileSync(join(folder, name), '')
    await seen.promise
  }
})

test('watchFolder() tells of what lies one level below', async () => {
  mkdirSync(join(folder, 'waiting'), { recursive: true })
  start(10)
  writeFileSync(join(folder, 'waiting', 'a.yaml'), '')
  await seen.promise
})
