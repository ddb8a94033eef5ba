import { afterEach, beforeEach, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localHost } from './local-host.sample'
import { removeModel } from './remove-model'

let home: string
let hub: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'spark-remove-'))
  hub = join(home, 'hub')
  mkdirSync(join(hub, 'models--org--model/blobs'), { recursive: true })
  writeFileSync(join(hub, 'models--org--model/blobs/a'), 'weights')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const remove = (repo = 'org/model') => removeModel(localHost(home), hub, repo, 'model-1')

test('removeModel() leaves nothing but what other models own', async () => {
  mkdirSync(join(hub, '.locks/models--org--model'), { recursive: true })
  mkdirSync(join(hub, 'models--org--other'))
  expect(await remove()).toMatchObject({ found: true, sharedBytes: 0 })
  expect([readdirSync(hub).toSorted(), readdirSync(join(hub, '.locks'))]).toEqual([
    ['.locks', 'models--org--other'],
    [],
  ])
  expect(await remove()).toEqual({ found: false, freedBytes: null, sharedBytes: 0 })
})

test('removeModel() follows no link in the place of the locks', async () => {
  mkdirSync(join(home, 'elsewhere/models--org--model'), { recursive: true })
  symlinkSync(join(home, 'elsewhere'), join(hub, '.locks'))
  await remove()
  expect(existsSync(join(home, 'elsewhere/models--org--model'))).toBe(true)
})

test('removeModel() only unlinks a link in the place of the model', async () => {
  symlinkSync(home, join(hub, 'models--org--link'))
  expect(await remove('org/link')).toEqual({ found: true, freedBytes: 0, sharedBytes: 0 })
  expect([existsSync(home), readdirSync(hub)]).toEqual([true, ['models--org--model']])
})

test('removeModel() goes on with what an interrupted try has renamed, also where it could keep no figures', async () => {
  mkdirSync(join(hub, '.spark-control-trash/model-1/models--org--gone'), { recursive: true })
  expect(await remove('org/gone')).toEqual({ found: true, freedBytes: null, sharedBytes: 0 })
  expect(readdirSync(hub)).toEqual(['models--org--model'])
})
