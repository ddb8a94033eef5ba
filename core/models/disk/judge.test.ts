import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { judge } from './judge'
import { type ModelFacts, noFacts, type Part } from './raw-disk'

const commit = 'a'.repeat(40)
const verdict = (facts: Partial<ModelFacts>, parts: Part[] = [], layout: 'hub' | 'folder' = 'hub') =>
  judge({
    repo: 'org/model',
    cache: '/hub',
    layout,
    facts: { ...noFacts(), commit, path: '/hub/models--org--model/snapshots/a', revisions: [commit], ...facts },
    parts,
  })
const files = (sizes: Record<string, number | null>) => new Map(Object.entries({ 'config.json': 100, ...sizes }))
const shard = (n: number, of: number, end = 'safetensors') =>
  `model-${String(n).padStart(5, '0')}-of-${String(of).padStart(5, '0')}.${end}`

type Damage = 'none' | 'missing' | 'dangling' | 'empty' | 'short'
const damages = fc.array(fc.constantFrom<Damage>('none', 'none', 'missing', 'dangling', 'empty', 'short'), {
  minLength: 1,
  maxLength: 12,
})
const means = fc.constantFrom('header', 'tree', 'both')
const layouts = fc.constantFrom('indexed', 'numbered')

/** A checkpoint of as many shards as there are damages, each damaged so; its files, and what tells how they should be. */
function checkpoint(damage: Damage[], told: string, layout: string): { facts: Partial<ModelFacts>; damaged: string[] } {
  const bytes = 1_000_000
  const rows = damage.map((each, n) => ({ name: shard(n + 1, damage.length), each }))
  const size = { none: bytes, dangling: null, empty: 0, short: bytes - 1, missing: undefined }
  const there = rows.filter(({ each }) => each !== 'missing')
  const index = { files: rows.map(({ name }) => name), totalBytes: bytes * rows.length }
  const indexName = 'model.safetensors.index.json'
  const listed = { 'config.json': 100, 'tokenizer.json': 10, ...(layout === 'indexed' ? { [indexName]: 50 } : {}) }
  return {
    facts: {
      files: new Map(
        Object.entries({ ...listed, ...Object.fromEntries(there.map(({ name, each }) => [name, size[each] ?? null])) }),
      ),
      headers: new Map(told === 'tree' ? [] : there.map(({ name }) => [name, bytes])),
      indexes: new Map(layout === 'indexed' ? [[indexName, index]] : []),
      tree:
        told === 'header'
          ? null
          : new Map(Object.entries({ ...listed, ...Object.fromEntries(rows.map(({ name }) => [name, bytes])) })),
    },
    damaged: rows.filter(({ each }) => each !== 'none').map(({ name }) => name),
  }
}

test('judge() never calls a model ready whose needed file is missing, short, empty or a broken link, and names each', () => {
  fc.assert(
    fc.property(damages, means, layouts, (damage, told, layout) => {
      const { facts, damaged } = checkpoint(damage, told, layout)
      const found = verdict(facts)
      // Without index, tree or any shard nothing tells that there should be some.
      const untold = told === 'header' && layout === 'numbered' && damage.every((each) => each === 'missing')
      expect(found.state).toBe(damaged.length === 0 ? 'ready' : 'partial')
      if (!untold) expect(found.damaged.toSorted()).toEqual(damaged.toSorted())
      expect(found.problems.length > 0).toBe(damaged.length > 0)
    }),
  )
})

test('judge() never calls a model ready while anything of it grows, whatever else lies there', () => {
  const part = fc.record({ name: fc.string(), bytes: fc.nat(), age: fc.nat(1000), dead: fc.boolean() })
  fc.assert(
    fc.property(damages, fc.array(part, { maxLength: 4 }), (damage, parts) => {
      const { facts } = checkpoint(damage, 'both', 'indexed')
      const grows = parts.some(({ age, dead }) => age < 120 && !dead)
      expect(verdict(facts, parts).state === 'downloading').toBe(grows)
    }),
  )
})

test('judge() takes any facts without a throw, and counts no byte below zero', () => {
  const name = fc.oneof(fc.constantFrom('config.json', 'model.safetensors', 'x.gguf', 'a/b.bin'), fc.string())
  const bytes = fc.nat()
  const facts = fc.record({
    files: fc.array(fc.tuple(name, fc.option(bytes))).map((rows) => new Map(rows)),
    tree: fc.option(fc.array(fc.tuple(name, bytes)).map((rows) => new Map(rows))),
    headers: fc
      .array(fc.tuple(name, fc.oneof(bytes, fc.constantFrom('bad' as const, 'closed' as const))))
      .map((rows) => new Map(rows)),
    path: fc.option(fc.string()),
  })
  fc.assert(
    fc.property(facts, fc.constantFrom('hub' as const, 'folder' as const), (each, layout) => {
      const found = verdict(each, [], layout)
      expect(found.bytes).toBeGreaterThanOrEqual(found.weightBytes)
      if (found.state === 'ready') expect([found.damaged, found.weightBytes > 0]).toEqual([[], true])
    }),
  )
})

describe('judge()', () => {
  test('does not want what the hub lists beside the set that is there', () => {
    const held = { 'model.safetensors': 1000, 'tokenizer.json': 10 }
    const tree = new Map(
      Object.entries({
        'config.json': 100,
        ...held,
        'pytorch_model.bin': 1000,
        'original/model.safetensors': 900,
        'onnx/model.onnx': 900,
        'README.md': 5,
        'consolidated.safetensors': 1000,
      }),
    )
    expect(verdict({ files: files(held), tree })).toMatchObject({ state: 'ready', weightBytes: 1000, bytes: 1110 })
    expect(verdict({ files: files({ 'model.safetensors': 1000 }), tree }).problems).toEqual([
      'tokenizer.json: is missing',
    ])
  })

  test('wants the first weights of which the hub knows while none are there', () => {
    const tree = new Map([
      ['config.json', 100],
      ['model.safetensors', 1000],
      ['pytorch_model.bin', 1000],
    ])
    const found = verdict({ files: files({}), tree })
    expect(found).toMatchObject({ state: 'partial', damaged: ['model.safetensors'], expectedBytes: 2100 })
  })

  test('wants of all that the hub lists beside the weights one configuration and one tokenizer, and tells what else was not fetched', () => {
    const weights = { 'consolidated.safetensors': 1000 }
    const mistral = { 'params.json': 10, 'tekken.json': 10, ...weights }
    const listed = {
      ...mistral,
      'config.json': 10,
      'tokenizer.json': 10,
      'model.safetensors': 1000,
      'modeling_x.py': 10,
    }
    const of = (held: Record<string, number | null>) =>
      verdict({ files: new Map(Object.entries(held)), tree: new Map(Object.entries(listed)) })
    expect(of(mistral)).toMatchObject({
      state: 'ready',
      problems: ['modeling_x.py: not fetched, which a launch may do without'],
    })
    expect(of({ ...weights, 'tekken.json': 10 }).problems).toEqual(['config.json: is missing'])
    expect(of({ ...weights, 'params.json': 10 }).problems).toEqual(['tekken.json: is missing'])
    // What was fetched must be whole.
    expect(of({ ...mistral, 'modeling_x.py': null }).problems[0]).toContain('modeling_x.py: broken link')
    expect(of({ ...mistral, 'tokenizer.json': 9 }).problems[0]).toBe('tokenizer.json: is 1 bytes short')
  })

  test('wants both files of a tokenizer that has two', () => {
    const held = { 'config.json': 100, 'model.safetensors': 1000, 'vocab.json': 10 }
    const tree = new Map(Object.entries({ ...held, 'merges.txt': 10, 'tokenizer.json': 10 }))
    const problems = (more: object) => verdict({ files: new Map(Object.entries({ ...held, ...more })), tree }).problems
    expect(problems({})).toEqual(['tokenizer.json: is missing'])
    expect(problems({ 'merges.txt': 10 })).toEqual([])
    expect(problems({ 'tokenizer.json': 10 })).toEqual(['merges.txt: not fetched, which a launch may do without'])
  })

  test('says where nothing lists the files what a launch may miss, and that an adapter is no model', () => {
    const config = { auto_map: { AutoConfig: 'configuration_x.XConfig', AutoModel: 'other/repo--modeling_x.X' } }
    expect(verdict({ files: files({ 'model.safetensors': 1000 }), config })).toMatchObject({
      state: 'ready',
      problems: [
        'no tokenizer is there; a launch fetches one, or finds it elsewhere',
        'configuration_x.py: is not here, though config.json names it',
      ],
    })
    const lora = verdict({
      files: new Map([
        ['adapter_config.json', 10],
        ['adapter_model.safetensors', 1000],
      ]),
    })
    expect(lora.state).toBe('partial')
    expect(lora.problems[0]).toContain('this is a LoRA adapter')
  })

  test('tells GGUF apart wherever it lies', () => {
    const gguf = new Map([['Q4/m-Q4.gguf', 10]])
    expect(verdict({ files: gguf })).toMatchObject({ layout: 'hub', gguf: true, state: 'ready' })
    expect(verdict({ files: gguf }, [], 'folder')).toMatchObject({ layout: 'gguf', gguf: true })
    expect(verdict({ files: files({}) }, [], 'folder')).toMatchObject({ layout: 'folder', gguf: false })
  })

  test('tells links that no container can follow, of the files that a launch needs alone', () => {
    const held = { 'tokenizer.json': 10, 'model.safetensors': 1000, 'notes.json': 10 }
    const of = (fields: Partial<ModelFacts>) => verdict({ files: files(held), ...fields }).outside
    expect(of({ outside: ['notes.json'] })).toBeNull()
    expect(of({ outside: ['notes.json', 'model.safetensors'] })).toStartWith('model.safetensors: is a link out of')
    expect(of({ leadsTo: '/data/x' })).toContain('in /data/x, behind a link')
  })

  test('wants every part of each GGUF set of which one is there', () => {
    const sets = { 'a/x-00001-of-00002.gguf': 10, 'a/x-00002-of-00002.gguf': 10, 'mmproj.gguf': 5 }
    const plain = new Map(Object.entries(sets))
    expect(verdict({ files: new Map([...plain, ['y-00001-of-00002.gguf', 10]]) }, [], 'folder')).toMatchObject({
      layout: 'gguf',
      damaged: ['y-00002-of-00002.gguf'],
    })
    plain.delete('mmproj.gguf')
    expect(verdict({ files: plain }, [], 'folder')).toMatchObject({ layout: 'gguf', state: 'ready', weightBytes: 20 })
  })

  test('takes an index whose total is a little off, and tells of one that is far off without holding it against the model', () => {
    const of = (totalBytes: number) =>
      verdict({
        files: files({ 'tokenizer.json': 10, 'model.safetensors.index.json': 5, 'model.safetensors': 1000 }),
        indexes: new Map([['model.safetensors.index.json', { files: ['model.safetensors'], totalBytes }]]),
      })
    expect(of(985)).toMatchObject({ state: 'ready', problems: [] })
    expect(of(2000)).toMatchObject({
      state: 'ready',
      problems: ['the index tells 2000 bytes of weights, the files hold 1000 bytes'],
    })
  })

  test('an index that cannot be read, or a configuration that is no JSON, is not whole', () => {
    const held = files({ 'model.safetensors.index.json': 5, 'model.safetensors': 1000 })
    const unread = verdict({ files: held, indexes: new Map([['model.safetensors.index.json', null]]) })
    expect(unread.problems).toEqual(['model.safetensors.index.json: cannot be read'])
    expect(verdict({ files: held, broken: ['config.json'] }).state).toBe('partial')
  })

  test('weights without a configuration are not whole, unless their repo has none', () => {
    const held = new Map([['model.safetensors', 1000]])
    expect(verdict({ files: held }).problems).toEqual(['config.json: is missing'])
    expect(verdict({ files: held, tree: new Map([['model.safetensors', 1000]]) }).state).toBe('ready')
    expect(verdict({ files: new Map([['parakeet.nemo', 1000]]) }).state).toBe('ready')
    expect(verdict({ files: files({ 'tokenizer.json': 3 }) }).problems).toEqual(['no weights are there'])
  })

  test('says the worst first, and not everything of very many', () => {
    const found = verdict({ files: files({ [shard(1, 40)]: 10 }) })
    expect(found.damaged).toHaveLength(39)
    expect(found.problems).toHaveLength(10)
    expect([found.problems[0], found.problems[9]]).toEqual([`${shard(2, 40)}: is missing`, 'and 30 more'])
  })

  test('what the login may not read is told, and not held against a model of the right size', () => {
    const found = verdict({
      files: files({ 'model.safetensors': 1000 }),
      headers: new Map([['model.safetensors', 'closed']]),
    })
    expect(found.state).toBe('ready')
    expect(found.problems[0]).toContain('may not be read by this login')
  })

  test('counts one try of each file that newer clients begin anew', () => {
    const part = { name: 'abc', age: 500, dead: false }
    const found = verdict({ files: files({}) }, [
      { ...part, bytes: 30 },
      { ...part, bytes: 50 },
      { ...part, name: 'done', bytes: 70, dead: true },
    ])
    expect(found.bytes).toBe(150)
    expect(found.problems).toContain('3 .incomplete files of a broken-off download (150 bytes)')
  })
})
