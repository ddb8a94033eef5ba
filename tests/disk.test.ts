import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { sampleCache } from '../core/models/disk/disk.sample'
import type { Disk, FoundModel } from '../core/models/disk/found-model'
import { inventory } from '../core/models/disk/inventory'
import { look } from '../core/models/disk/look'
import { findModel, writeHeldModels, writeModels } from '../demo/models'
import { repoFolder } from '../demo/models/cache'
import { modelCommit } from '../demo/models/files'
import { aged, type DiskHost, diskHost, tensors, write } from './disk-host'

setDefaultTimeout(30_000)

let spark: DiskHost

beforeAll(async () => {
  spark = await diskHost()
})
beforeEach(() => {
  for (const name of readdirSync(spark.home))
    if (name !== 'authorized') rmSync(join(spark.home, name), { recursive: true })
})
afterAll(() => spark.stop())

const [sharded, listed, single] = [
  'Qwen/Qwen3-8B',
  'nvidia/Qwen3.6-35B-A3B-NVFP4',
  'google/gemma-4-26B-A4B-it-assistant',
]
const folder = (repo: string) => join(spark.hub, repoFolder(repo))
const snapshot = (repo: string) => join(folder(repo), 'snapshots', modelCommit(repo))
const only = ({ models }: Disk): FoundModel => {
  const [model, ...more] = models
  if (!model || more.length > 0) throw new Error(`${models.length} models; there should be one`)
  return model
}
/** What a look at one model of the simulated hub finds after `change`. */
async function found(repo: string, change: () => void = () => {}): Promise<FoundModel> {
  writeModels(spark.hub, [repo], { whole: true })
  change()
  return only(await look(spark.live))
}

describe('look() at a hub cache', () => {
  test('finds whole models with their true sizes, in one round trip', async () => {
    writeModels(spark.hub, [sharded, listed, single])
    const before = spark.commands
    const disk = await look(spark.live)
    expect(spark.commands - before).toBe(1)
    expect(disk.caches).toEqual([sampleCache({ path: spark.hub })])
    expect(disk.models.map(({ repo, state, problems }) => [repo, state, problems])).toEqual([
      [sharded, 'ready', []],
      [single, 'ready', []],
      [listed, 'ready', []],
    ])
    for (const model of disk.models) {
      const files = readdirSync(snapshot(model.repo)).map((name) => join(snapshot(model.repo), name))
      expect(model.bytes).toBe(files.reduce((sum, path) => sum + statSync(path).size, 0))
      expect(model.expectedBytes).toBe(model.bytes)
      expect(model.weightBytes).toBeGreaterThan(findModel(model.repo)?.bytes ?? Infinity)
      expect([model.path, model.commit]).toEqual([snapshot(model.repo), modelCommit(model.repo)])
      expect(model.config).toHaveProperty('architectures')
    }
    expect(disk.models.find(({ repo }) => repo === listed)?.quantConfig).toHaveProperty('producer')
    expect(disk.totalBytes).toBeGreaterThan(disk.availableBytes ?? Infinity)
  })

  test('names a truncated shard, by the header where no tree tells its size', async () => {
    const cut = 'model-00002-of-00005.safetensors'
    for (const repo of [sharded, listed]) {
      const model = await found(repo, () => truncateSync(join(snapshot(repo), cut), 1_000_000_000))
      expect([model.state, model.damaged]).toEqual(['partial', [cut]])
      expect(model.problems[0]).toMatch(/^model-00002-of-00005\.safetensors: is \d\.\d GB short$/)
      rmSync(spark.hub, { recursive: true })
    }
  })

  test('names a shard of the right size that is filled with zeros', async () => {
    const cut = 'model-00003-of-00005.safetensors'
    const model = await found(sharded, () => {
      const path = join(snapshot(sharded), cut)
      const { size } = statSync(path)
      truncateSync(path, 0)
      truncateSync(path, size)
    })
    expect([model.state, model.damaged]).toEqual(['partial', [cut]])
    expect(model.problems[0]).toContain('does not begin as a safetensors file does')
  })

  test('is not fooled by a copy that brought links alone', async () => {
    const model = await found(single, () => rmSync(join(folder(single), 'blobs'), { recursive: true }))
    expect([model.state, model.damaged, model.weightBytes]).toEqual(['partial', ['model.safetensors'], 0])
    expect(model.problems[0]).toBe('model.safetensors: broken link: the bytes were not copied')
  })

  test('counts the bytes of a store that models share', async () => {
    const whole = await found(sharded)
    const blobs = join(folder(sharded), 'blobs')
    for (const name of readdirSync(blobs)) {
      const store = join('blobs', name.slice(0, 2))
      mkdirSync(join(spark.hub, store), { recursive: true })
      renameSync(join(blobs, name), join(spark.hub, store, name))
      symlinkSync(join('../..', store, name), join(blobs, name))
    }
    const shared = only(await look(spark.live))
    expect([shared.state, shared.bytes]).toEqual(['ready', whole.bytes])
  })

  test('tells a download that grows from one that was broken off, of old clients and new', async () => {
    const cut = 'model-00004-of-00005.safetensors'
    writeModels(spark.hub, [sharded])
    const blob = join(
      folder(sharded),
      'blobs',
      readlinkSync(join(snapshot(sharded), cut))
        .split('/')
        .at(-1) ?? '',
    )
    rmSync(join(snapshot(sharded), cut))
    for (const part of [`${blob}.incomplete`, `${blob}.0a1b2c3d.incomplete`]) {
      rmSync(blob, { force: true })
      writeFileSync(part, new Uint8Array(5000))
      const growing = only(await look(spark.live))
      expect([growing.state, growing.damaged]).toEqual(['downloading', [cut]])
      aged(part, 121)
      const stale = only(await look(spark.live))
      expect([stale.state, stale.bytes]).toEqual(['partial', growing.bytes])
      expect(stale.problems).toContain('1 .incomplete file of a broken-off download (5000 bytes)')
      rmSync(part)
    }
  })

  test('a leftover .incomplete beside a whole model is a note, also when it is fresh but its file has come', async () => {
    const model = await found(single, () => {
      const [blob = ''] = readdirSync(join(folder(single), 'blobs'))
      writeFileSync(join(folder(single), 'blobs', `${blob}.0a1b2c3d.incomplete`), 'rest')
      writeFileSync(join(folder(single), 'blobs/other.incomplete'), 'rest')
      aged(join(folder(single), 'blobs/other.incomplete'), 500)
    })
    expect(model.state).toBe('ready')
    expect(model.problems).toEqual(['2 .incomplete files of a broken-off download (8 bytes)'])
    expect(await look(spark.live, { repo: single })).toMatchObject({ models: [{ state: 'ready' }] })
  })

  test('a download of which no snapshot is there yet is downloading', async () => {
    const blobs = join(spark.hub, 'models--acme--new/blobs')
    write(join(blobs, 'abc.incomplete'), 'begun')
    expect(only(await look(spark.live))).toMatchObject({ repo: 'acme/new', state: 'downloading', path: null, bytes: 5 })
  })

  test('loads the revision of refs/main, else the newest, and names all', async () => {
    const [older, newer] = ['a'.repeat(40), 'b'.repeat(40)]
    const dir = join(spark.hub, 'models--acme--two')
    for (const commit of [older, newer]) {
      write(join(dir, 'snapshots', commit, 'config.json'), '{}')
      write(join(dir, 'snapshots', commit, 'model.safetensors'), tensors(10))
    }
    aged(join(dir, 'snapshots', older), 1000)
    expect(only(await look(spark.live))).toMatchObject({ commit: newer, revisions: [newer, older], state: 'ready' })
    write(join(dir, 'refs/main'), older)
    expect(only(await look(spark.live))).toMatchObject({ commit: older, revisions: [older, newer], state: 'ready' })
    write(join(dir, 'refs/main'), 'c'.repeat(40))
    const ahead = only(await look(spark.live))
    expect(ahead).toMatchObject({ path: null, revisions: [newer, older].toSorted(), state: 'partial' })
    expect(ahead.problems[0]).toContain('revision cccccccc')
    write(join(dir, 'refs/main'), `../../../${newer}`)
    expect(only(await look(spark.live)).commit).toBe(newer)
  })

  test('hostile names and links break nothing', async () => {
    const dir = join(spark.hub, 'models--acme--odd--name')
    const at = join(dir, 'snapshots', 'a'.repeat(40))
    write(join(at, 'config.json'), '{"text": "a\\tb\\nc %41 é"}\n')
    write(join(at, 'model.safetensors'), tensors(10))
    write(join(at, 'tab\there\nf\tmodel.safetensors\t0\n%0a é "\'$(id)'), 'x')
    symlinkSync('..', join(at, 'loop'))
    symlinkSync('/etc/passwd', join(at, 'outside.json'))
    symlinkSync('/dev/zero', join(at, 'zeros.json'))
    symlinkSync(join(at, 'circle'), join(at, 'circle'))
    await Bun.$`mkfifo ${join(at, 'hf_quant_config.json')}`
    write(join(spark.hub, 'models--evil\n--c\tname/snapshots/x'), '')
    write(join(spark.hub, 'models--noorg/snapshots/x'), '')
    write(join(spark.hub, 'datasets--acme--data/snapshots/x'), '')
    symlinkSync('models--acme--odd--name', join(spark.hub, 'models--acme--link'))
    symlinkSync('models--acme--self', join(spark.hub, 'models--acme--self'))
    const { models } = await look(spark.live)
    expect(models.map(({ repo, state }) => [repo, state])).toEqual([
      ['acme/link', 'ready'],
      ['acme/odd--name', 'ready'],
    ])
    expect(models[1]?.config).toEqual({ text: 'a\tb\nc %41 é' })
    expect(models[1]?.quantConfig).toBeNull()
  })

  test('a folder that was not finished deleting is told, and its model is gone', async () => {
    writeModels(spark.hub, [single])
    const trash = join(spark.hub, '.spark-control-trash/job-1')
    mkdirSync(join(spark.hub, '.spark-control-trash'))
    renameSync(folder(single), trash)
    expect(await look(spark.live)).toMatchObject({ models: [], leftovers: [trash] })
  })

  test('an unchanged model is not read again, and a changed one is', async () => {
    writeModels(spark.hub, [sharded, single])
    // Clocks of files tell whole seconds, so what is younger than that is read again.
    await Bun.sleep(3100)
    const first = await look(spark.live)
    const second = await look(spark.live, { before: first })
    expect(second.models.map(({ config }) => config)).toEqual(first.models.map(({ config }) => config))
    for (const [n, { config }] of second.models.entries()) expect(config).toBe(first.models[n]?.config ?? null)
    appendFileSync(join(snapshot(single), 'config.json'), ' ')
    const third = await look(spark.live, { before: second })
    expect(third.models.map(({ config }, n) => config === second.models[n]?.config)).toEqual([true, false])
  })
})

describe('look() at other places', () => {
  test('finds the caches that the login names, and the usual one too', async () => {
    const other = await diskHost('spark-2', { HF_HOME: '~/hf' })
    try {
      writeModels(join(other.home, 'hf/hub'), [single])
      writeModels(other.hub, [single, sharded])
      const { caches, models } = await look(other.live)
      expect(caches.map(({ path, own }) => [path, own])).toEqual([
        [join(other.home, 'hf/hub'), true],
        [other.hub, false],
      ])
      expect(models.map(({ repo, cache }) => [repo, cache])).toEqual([
        [single, join(other.home, 'hf/hub')],
        [sharded, other.hub],
      ])
    } finally {
      await other.stop()
    }
  })

  test('tells the cache that a launch mounts from the one that downloads go to', async () => {
    const other = await diskHost('spark-2', { HF_HUB_CACHE: '~/data/models', XDG_CACHE_HOME: '~/xdg' })
    try {
      writeModels(join(other.home, 'data/models'), [single])
      writeModels(join(other.home, 'xdg/huggingface/hub'), [listed])
      writeModels(other.hub, [single, sharded])
      const { caches, models } = await look(other.live)
      expect(caches.map(({ path, own, mounted }) => [path, own, mounted])).toEqual([
        [join(other.home, 'data/models'), true, false],
        [join(other.home, 'xdg/huggingface/hub'), false, false],
        [other.hub, false, true],
      ])
      // What lies in both is launched from where it is mounted anyway.
      expect(models.find(({ repo }) => repo === single)?.cache).toBe(other.hub)
    } finally {
      await other.stop()
    }
  })

  test('tells where a hub really lies that is a link, for inside a container it leads nowhere', async () => {
    const real = join(spark.home, 'data/hub')
    writeModels(real, [single])
    mkdirSync(join(spark.home, '.cache/huggingface'), { recursive: true })
    symlinkSync(real, spark.hub)
    const { caches, models } = await look(spark.live)
    expect(caches).toEqual([sampleCache({ path: spark.hub, real, mounted: false })])
    expect(models).toMatchObject([{ repo: single, state: 'ready', outside: null }])
    // A link above it is followed by who mounts it.
    rmSync(join(spark.home, '.cache'), { recursive: true })
    symlinkSync(join(spark.home, 'data'), join(spark.home, '.cache'))
    mkdirSync(join(spark.home, 'data/huggingface'))
    renameSync(real, join(spark.home, 'data/huggingface/hub'))
    expect((await look(spark.live)).caches).toEqual([sampleCache({ path: spark.hub })])
  })

  test('tells models and files that are links out of what is mounted', async () => {
    const away = join(spark.home, 'away')
    writeModels(away, [single, sharded])
    mkdirSync(spark.hub, { recursive: true })
    symlinkSync(join(away, repoFolder(single)), folder(single))
    mkdirSync(folder(sharded))
    symlinkSync(`../../../../away/${repoFolder(sharded)}/blobs`, join(folder(sharded), 'blobs'))
    for (const name of ['snapshots', 'refs'])
      renameSync(join(away, repoFolder(sharded), name), join(folder(sharded), name))
    const tune = join(spark.home, 'models/tune')
    write(join(tune, 'config.json'), '{}')
    write(join(tune, 'tokenizer.json'), '{}')
    write(join(away, 'w'), tensors(10))
    symlinkSync('../../away/w', join(tune, 'model.safetensors'))
    const { models } = await look(spark.live, { folders: ['~/models'] })
    const outside = Object.fromEntries(models.map((model) => [model.repo, model.outside]))
    expect(models.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready'])
    expect(outside[single]).toStartWith(`its files are in ${join(away, repoFolder(single))}, behind`)
    expect(outside[sharded]).toStartWith(`its files are in ${join(away, repoFolder(sharded), 'blobs')}, behind`)
    expect(outside['local/tune']).toStartWith('model.safetensors: is a link out of its folder')
    // The own one and one that is declared: the one that can be launched counts.
    writeModels(join(spark.home, 'more'), [single])
    const more = await look(spark.live, { folders: ['~/more'] })
    expect(more.models.find(({ repo }) => repo === single)).toMatchObject({
      cache: join(spark.home, 'more'),
      outside: null,
    })
  })

  test('finds hubs, plain folders and GGUF sets in declared folders', async () => {
    const at = (path: string) => join(spark.home, path)
    write(at('models/acme/tune/config.json'), '{"model_type":"llama"}')
    write(at('models/acme/tune/model.safetensors'), tensors(100))
    write(at('models/cut/config.json'), '{}')
    write(at('models/cut/model-00001-of-00002.safetensors'), tensors(100))
    write(at('models/acme/quants/big-00001-of-00002.gguf'), 'GGUF')
    write(at('models/acme/quants/big-00002-of-00002.gguf'), 'GGUF')
    symlinkSync('..', at('models/acme/loop'))
    writeModels(at('elsewhere/hub'), [single])
    const folders = ['~/models', at('elsewhere'), at('nowhere'), at('authorized')]
    const { caches, models } = await look(spark.live, { folders })
    expect(caches.map(({ path, layout, problem }) => [path, layout, problem])).toEqual([
      [spark.hub, 'hub', null],
      [at('models'), 'folder', null],
      [at('elsewhere/hub'), 'hub', null],
      [at('nowhere'), 'folder', 'is not there'],
      [at('authorized'), 'folder', 'is no folder'],
    ])
    expect(models.map(({ repo, layout, state, path }) => [repo, layout, state, path])).toEqual([
      ['acme/quants', 'gguf', 'ready', at('models/acme/quants')],
      ['acme/tune', 'folder', 'ready', at('models/acme/tune')],
      ['local/cut', 'folder', 'partial', at('models/cut')],
      [single, 'hub', 'ready', expect.any(String)],
    ])
    expect(models[2]?.problems).toEqual(['model-00002-of-00002.safetensors: is missing'])
  })

  test('finds in the homes of the demo what was put there', async () => {
    writeHeldModels(spark.home, 0)
    const head = await look(spark.live, { folders: ['~/models'] })
    expect(head.models.filter(({ state }) => state !== 'ready')).toEqual([])
    const odd = ['acme/Qwen3-4B--meetings', 'acme/support-8b', 'Qwen/Qwen3-Embedding-0.6B']
    expect(odd.filter((repo) => !head.models.some((model) => model.repo === repo))).toEqual([])
    rmSync(join(spark.home, '.cache'), { recursive: true })
    rmSync(join(spark.home, 'models'), { recursive: true })
    writeHeldModels(spark.home, 1)
    const { models } = await look(spark.live)
    const damaged = models.filter(({ state }) => state !== 'ready').map(({ repo, problems }) => [repo, problems[0]])
    expect(damaged).toEqual([
      ['Intel/Qwen3.5-122B-A10B-int4-AutoRound', 'model-00007-of-00014.safetensors: is missing'],
      ['Qwen/Qwen3-Embedding-0.6B', 'model.safetensors: broken link: the bytes were not copied'],
    ])
  })

  test.skipIf(process.getuid?.() !== 0)('a cache that may not be read says so', async () => {
    const other = await diskHost('spark-3')
    try {
      writeModels(other.hub, [single, sharded])
      const closed = join(other.hub, repoFolder(single))
      chmodSync(closed, 0o700)
      chmodSync(other.home, 0o755)
      const asNobody = (argv: readonly string[]) => ['setpriv', '--reuid=65534', '--clear-groups', ...argv]
      const live: typeof other.live = Object.create(other.live, {
        run: { value: (argv: string[], options: object) => other.live.run(asNobody(argv), options) },
      })
      const { models } = await look(live)
      expect(models.map(({ repo, state }) => [repo, state])).toEqual([
        [sharded, 'ready'],
        [single, 'partial'],
      ])
      expect(models[1]?.problems).toContain('may not be read (Permission denied)')
      chmodSync(other.hub, 0o700)
      chownSync(other.hub, 0, 0)
      const { caches } = await look(live)
      expect(caches[0]?.problem).toBe('may not be read by this login (Permission denied)')
    } finally {
      await other.stop()
    }
  })
})

describe('inventory()', () => {
  test('tells of each host what was seen, and of a change at once when it is asked to look', async () => {
    const stop = new AbortController()
    let changes = 0
    const seen = inventory({
      hosts: new Map([['spark-1', spark.live]]),
      signal: stop.signal,
      onChange: () => changes++,
    })
    expect(seen.of(single)).toEqual({})
    while (!seen.disk('spark-1')) await Bun.sleep(10)
    expect(seen.of(single)).toEqual({ 'spark-1': null })
    writeModels(spark.hub, [single])
    const [a, b] = await Promise.all([seen.look('spark-1'), seen.look('spark-1')])
    expect(a.models).toHaveLength(1)
    expect(b.models).toHaveLength(1)
    expect(seen.of(single)['spark-1']).toMatchObject({ state: 'ready' })
    expect(changes).toBe(2)
    await seen.look('spark-1')
    expect(changes).toBe(2)
    await expect(seen.look('spark-1', AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    stop.abort()
  })

  test('a look that is asked for while one runs sees what was written in between', async () => {
    const stop = new AbortController()
    const seen = inventory({ hosts: new Map([['spark-1', spark.live]]), signal: stop.signal, onChange() {} })
    const before = spark.commands
    const first = seen.look('spark-1')
    writeModels(spark.hub, [single])
    const later = await Promise.all([seen.look('spark-1'), seen.look('spark-1')])
    await first
    expect(later[0]).toBe(later[1] as Disk)
    expect(later[0]?.models).toHaveLength(1)
    expect(spark.commands - before).toBeLessThanOrEqual(3)
    stop.abort()
  })
})
