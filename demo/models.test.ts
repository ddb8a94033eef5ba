import { afterAll, beforeAll, expect, test } from 'bun:test'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalogue, demoModels, findModel, writeModels } from './models'
import { repoFolder } from './models/cache'

const MINIMAX = 'cyankiwi/MiniMax-M2.7-AWQ-4bit'
const CUT_OFF = 'Intel/Qwen3.5-122B-A10B-int4-AutoRound'
const hub = mkdtempSync(join(tmpdir(), 'hub-'))
beforeAll(() => {
  writeModels(
    hub,
    demoModels.map(({ repo }) => repo),
  )
})
afterAll(() => rmSync(hub, { recursive: true, force: true }))

function snapshot(repo: string): string {
  const folder = join(hub, repoFolder(repo))
  return join(folder, 'snapshots', readFileSync(join(folder, 'refs/main'), 'utf8'))
}

function header(file: string): { size: number; entries: Record<string, { data_offsets: [number, number] }> } {
  const descriptor = openSync(file, 'r')
  const length = Buffer.alloc(8)
  readSync(descriptor, length, 0, 8, 0)
  const size = Number(length.readBigUInt64LE())
  const text = Buffer.alloc(size)
  readSync(descriptor, text, 0, size, 8)
  closeSync(descriptor)
  const { __metadata__, ...entries } = JSON.parse(text.toString())
  return { size, entries }
}

test('a snapshot is relative links to blobs that resolve', () => {
  for (const { repo } of demoModels) {
    for (const name of readdirSync(snapshot(repo))) {
      const path = join(snapshot(repo), name)
      expect(readlinkSync(path)).toStartWith('../../blobs/')
      expect(existsSync(realpathSync(path))).toBe(true)
    }
  }
})

test('weights have their true size and take no room on the disk', () => {
  const files = readdirSync(snapshot(MINIMAX)).map((name) => statSync(join(snapshot(MINIMAX), name)))
  const size = files.reduce((sum, { size }) => sum + size, 0)
  const stored = files.reduce((sum, { blocks }) => sum + blocks * 512, 0)
  expect(size).toBeGreaterThan(121e9)
  expect(stored).toBeLessThan(4e6)
})

test('the index names every shard, and its total is the sum of the tensors', () => {
  const folder = snapshot(MINIMAX)
  const index = JSON.parse(readFileSync(join(folder, 'model.safetensors.index.json'), 'utf8'))
  const shards = [...new Set(Object.values<string>(index.weight_map))]
  let total = 0
  for (const shard of shards) {
    const { size, entries } = header(join(folder, shard))
    const end = Math.max(...Object.values(entries).map(({ data_offsets }) => data_offsets[1]))
    expect(statSync(join(folder, shard)).size).toBe(8 + size + end)
    for (const name of Object.keys(entries)) expect(index.weight_map[name]).toBe(shard)
    total += end
  }
  expect(shards).toHaveLength(24)
  expect(total).toBe(index.metadata.total_size)
})

test('a tree lists every file with its size', () => {
  const folder = join(hub, repoFolder(MINIMAX))
  const [name = ''] = readdirSync(join(folder, 'trees'))
  const { files } = JSON.parse(readFileSync(join(folder, 'trees', name), 'utf8'))
  expect(Object.keys(files).toSorted()).toEqual(readdirSync(snapshot(MINIMAX)).toSorted())
  for (const [path, { size }] of Object.entries<{ size: number }>(files))
    expect(statSync(join(snapshot(MINIMAX), path)).size).toBe(size)
})

test('a download that was cut off has an .incomplete blob and lacks shards, until it is written whole', () => {
  const blobs = join(hub, repoFolder(CUT_OFF), 'blobs')
  const shards = () => readdirSync(snapshot(CUT_OFF)).filter((name) => name.endsWith('.safetensors'))
  const partial = () => readdirSync(blobs).filter((name) => name.endsWith('.incomplete'))
  expect(shards()).toHaveLength(6)
  expect(partial()).toHaveLength(1)
  writeModels(hub, [CUT_OFF], { whole: true })
  expect(shards()).toHaveLength(14)
  expect(partial()).toHaveLength(0)
})

test('config.json carries the facts that tell a hybrid MoE with vision apart', () => {
  const config = JSON.parse(readFileSync(join(snapshot('nvidia/Qwen3.6-35B-A3B-NVFP4'), 'config.json'), 'utf8'))
  const full = config.text_config.layer_types.filter((kind: string) => kind === 'full_attention')
  expect(full).toHaveLength(10)
  expect(config).toHaveProperty('vision_config')
  expect(config.quantization_config.quant_algo).toBe('NVFP4')
})

test('the hosts differ: the second one lacks models of the first', () => {
  const on = (host: number) => demoModels.filter(({ hosts }) => hosts.includes(host)).map(({ repo }) => repo)
  expect(on(0).filter((repo) => !on(1).includes(repo)).length).toBeGreaterThan(2)
  expect(on(1).filter((repo) => !on(0).includes(repo)).length).toBeGreaterThan(0)
})

test('a repo is found whatever its case, and one that the hub lacks is an error', () => {
  expect(findModel('OpenAI/GPT-OSS-20B')?.repo).toBe('openai/gpt-oss-20b')
  expect(() => writeModels(hub, ['nobody/nothing'])).toThrow('nobody/nothing: not in demo/models/catalogue.yaml')
  expect(new Set(catalogue.map(({ repo }) => repo)).size).toBe(catalogue.length)
})
