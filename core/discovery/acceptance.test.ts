import { afterAll, expect, test } from 'bun:test'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeConfiguration } from './acceptance'
import { declaresSparks } from './example'

const scratch = mkdtempSync(join(tmpdir(), 'spark-acceptance-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

test('writeConfiguration() keeps what was there as .bak, with the rights it had', async () => {
  const path = join(scratch, 'spark.config.yaml')
  writeFileSync(path, 'old')
  chmodSync(path, 0o640)
  await writeConfiguration(path, 'new')
  expect([readFileSync(path, 'utf8'), readFileSync(`${path}.bak`, 'utf8')]).toEqual(['new', 'old'])
  expect(statSync(path).mode & 0o777).toBe(0o640)
  expect(readdirSync(scratch).toSorted()).toEqual(['spark.config.yaml', 'spark.config.yaml.bak'])
})

test('writeConfiguration() begins a file in an empty folder', async () => {
  mkdirSync(join(scratch, 'empty'))
  const path = join(scratch, 'empty/spark.config.yaml')
  await writeConfiguration(path, 'new')
  expect([readFileSync(path, 'utf8'), existsSync(`${path}.bak`)]).toEqual(['new', false])
})

test('writeConfiguration() leaves a link a link, and writes what it leads to', async () => {
  const folder = join(scratch, 'linked')
  mkdirSync(join(folder, 'real'), { recursive: true })
  const path = join(folder, 'spark.config.yaml')
  symlinkSync('real/spark.config.yaml', path)
  for (const text of ['first', 'second']) {
    await writeConfiguration(path, text)
    expect(readFileSync(join(folder, 'real/spark.config.yaml'), 'utf8')).toBe(text)
    expect([lstatSync(path).isSymbolicLink(), readdirSync(folder).length]).toEqual([true, 2])
  }
})

test('writeConfiguration() twice at once writes one of both as a whole', async () => {
  mkdirSync(join(scratch, 'twice'))
  const path = join(scratch, 'twice/spark.config.yaml')
  const texts = ['a', 'b'].map((letter) => letter.repeat(100_000))
  await Promise.all(texts.map((text) => writeConfiguration(path, text)))
  expect(texts).toContain(readFileSync(path, 'utf8'))
  expect(readdirSync(join(scratch, 'twice')).filter((name) => name.endsWith('.new'))).toEqual([])
})

test('writeConfiguration() that fails names the reason, not the path', async () => {
  const failed = writeConfiguration(join(scratch, 'nowhere/spark.config.yaml'), 'new')
  await expect(failed).rejects.toThrow('spark.config.yaml: cannot be written (ENOENT); its folder is not there')
})

test('the shipped configuration names no real Spark', () => {
  expect(declaresSparks(readFileSync(join(import.meta.dir, '../../spark.config.yaml'), 'utf8'))).toBe(false)
})

test.each<[string, boolean]>([
  ['', false],
  ['# only a word\n\n', false],
  ['hosts:\n  spark-1: { address: <spark-1-ip>, user: <spark-user> }\n', false],
  ['hosts:\n  spark-1: { address: 192.0.2.11 }\n  spark-2: { address: 192.0.2.12 }\n', false],
  ['hosts:\n  spark-1: { address: 192.0.2.11, user: spark }\n', true],
  ['hosts:\n  spark-1: { address: 192.0.2.11 }\n  spark-2: { address: 192.168.1.12 }\n', true],
  ['hosts: [', true],
  ['hosts: { spark-1: { address: spark.lan } }', true],
])('declaresSparks(%p) is %p', (text, real) => {
  expect(declaresSparks(text)).toBe(real)
})
