import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import ssh2, { type Connection, type Server } from 'ssh2'
import { type LiveHost, liveHost } from '../cluster/hosts'
import { freshKeyPair } from '../cluster/key-pair'
import { sampleHost, sampleService } from '../config/declared.sample'
import { formatFinding } from '../config/findings'
import { openStore, type Store } from '../store/store'
import { type Catalogue, type CatalogueOptions, catalogue } from './catalogue'
import { loadRecipe } from './recipe-file'

const recipe = (name: string, more = '') =>
  `recipe_version: "1"\nname: ${name}\nmodel: a/b\ncontainer: vllm-node\ncommand: vllm serve a/b ${more}\n`

let server: Server
let live: LiveHost
let folder = ''
let store: Store
let stop: AbortController
let asked = 0
let changes = 0

// A real SSH server whose commands run here, in a home of their own.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'catalogue-'))
  server = new ssh2.Server({ hostKeys: [freshKeyPair().private] }, (client: Connection) => {
    client.on('error', () => {})
    client.on('authentication', (attempt) => attempt.accept())
    client.on('session', (accept) =>
      accept().on('exec', async (run, _, { command }) => {
        asked++
        const channel = run()
        let input = ''
        channel.on('data', (chunk: Buffer) => {
          input += chunk
        })
        await new Promise((resolve) => channel.once('end', resolve))
        const env = { PATH: process.env.PATH, HOME: join(folder, 'home') }
        const child = Bun.spawn(['sh', '-c', command], { env, stdin: new Blob([input]), stdout: 'pipe' })
        channel.write(await new Response(child.stdout).text())
        channel.exit(await child.exited)
        channel.end()
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port: sshPort } = server.address() as AddressInfo
  const { private: privateKey, public: publicLine } = freshKeyPair()
  const host = sampleHost('spark-1', { sshPort, launcher: '~/launcher' })
  live = liveHost(host, { key: { privateKey, publicLine }, hostKeys: { pinned: () => null, pin() {} } })
  await live.ready()
})
afterAll(async () => {
  live.close()
  server.close()
  await rm(folder, { recursive: true })
})

beforeEach(async () => {
  await rm(join(folder, 'data'), { recursive: true, force: true })
  await rm(join(folder, 'home'), { recursive: true, force: true })
  await mkdir(join(folder, 'home'))
  store = openStore(join(folder, 'data'))
  stop = new AbortController()
  changes = 0
})
afterEach(() => {
  stop.abort()
  store.close()
})

async function write(path: string, text: string) {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}

const shipped = (...names: string[]) =>
  names.flatMap((name) => loadRecipe({ text: recipe(`shipped ${name}`), file: `recipes/${name}.yaml` }).recipe ?? [])

function open(options: Partial<CatalogueOptions> = {}): Catalogue {
  stop.abort()
  stop = new AbortController()
  return catalogue({
    shippedRecipes: shipped('a', 'b'),
    dataDirectory: join(folder, 'data'),
    store,
    sources: [],
    hosts: new Map(),
    signal: stop.signal,
    onChange: () => changes++,
    ...options,
  })
}

const onHost = () => ({ hosts: new Map([['spark-1', live]]) })
const names = (from: Catalogue) => from.recipes().map(({ id, name, source }) => `${id}: ${name} (${source})`)

describe('save()', () => {
  test('writes an own recipe that wins over the shipped one, for the owner alone', async () => {
    const known = open()
    const { recipe: saved, findings } = known.save('a', recipe('mine'))
    expect(findings).toEqual([])
    expect(saved).toMatchObject({ id: 'a', name: 'mine', source: 'own', file: 'data/recipes/a.yaml' })
    expect(names(known)).toEqual(['a: mine (own)', 'b: shipped b (shipped)'])
    expect(known.shipped('a')?.name).toBe('shipped a')
    expect((await stat(join(folder, 'data/recipes/a.yaml'))).mode & 0o777).toBe(0o600)
    expect(await readdir(join(folder, 'data/recipes'))).toEqual(['a.yaml'])
    expect(names(open())).toContain('a: mine (own)')
  })

  test.each<[string, string, string]>([
    ['c', 'name: [', 'data/recipes/c.yaml:1:8: '],
    ['c', recipe('x', '; reboot'), 'data/recipes/c.yaml:5:1: command: has an unquoted ";"'],
    ['chat', recipe('x'), 'data/recipes/chat.yaml:1:1: "chat" is a capability; choose another id'],
    ['best', recipe('x'), 'data/recipes/best.yaml:1:1: "best" is an alias; choose another id'],
    [
      'parakeet',
      recipe('x'),
      'data/recipes/parakeet.yaml:1:1: "parakeet" is the model of service stt; choose another id',
    ],
  ])('refuses %s with %p and writes nothing', async (id, text, line) => {
    const services = [sampleService('stt', { model: 'parakeet' })]
    const known = open({ names: { aliases: { best: 'a' }, services } })
    const { recipe: saved, findings } = known.save(id, text)
    expect(saved).toBeNull()
    expect(findings.map(formatFinding).join('\n')).toContain(line)
    expect(await readdir(join(folder, 'data/recipes'))).toEqual([])
    expect(changes).toBe(0)
  })

  test.each(['../x', 'a/b', '.hidden', 'A', ''])('writes nothing under %p, which is no id', async (id) => {
    const known = open()
    expect(() => known.save(id, recipe('x'))).toThrow('is no id of a recipe')
    expect(await readdir(join(folder, 'data'), { recursive: true })).not.toContain('x.yaml')
  })

  test('replaces the file that has the id, however it is written', async () => {
    await write('data/recipes/Mine.YML', recipe('by hand'))
    const known = open()
    known.save('mine', recipe('by the page'))
    expect(await readdir(join(folder, 'data/recipes'))).toEqual(['Mine.YML'])
    expect(await readFile(join(folder, 'data/recipes/Mine.YML'), 'utf8')).toBe(recipe('by the page'))
  })
})

describe('trust()', () => {
  test('is needed for what came by HTTP, and lasts until the commands change', () => {
    const known = open()
    const first = known.save('c', recipe('c', '--x')).recipe
    expect(first?.trusted).toBe(false)
    expect(known.trust('c', 'f'.repeat(64))).toBeNull()
    expect(known.trust('c', first?.hash ?? '')?.trusted).toBe(true)
    expect(open().get('c')?.trusted).toBe(true)
    expect(known.save('c', recipe('another name', '--x')).recipe?.trusted).toBe(true)
    expect(known.save('c', recipe('c', '--y')).recipe?.trusted).toBe(false)
  })

  test('is not needed for files that a person put there, nor for commands that are shipped', async () => {
    await write('data/recipes/hand.yaml', recipe('by hand', '--z'))
    const known = open()
    expect(known.get('hand')?.trusted).toBe(true)
    expect(known.save('copy', recipe('a copy')).recipe?.trusted).toBe(true)
    expect(known.save('hand', recipe('another name', '--z')).recipe?.trusted).toBe(true)
    expect(known.save('hand', recipe('by hand', '--other')).recipe?.trusted).toBe(false)
  })

  test('is in the place of the file, so that a lost database opens nothing', async () => {
    await write('data/recipes/hand.yaml', recipe('by hand', '--z'))
    const known = open()
    known.save('c', recipe('c', '--x'))
    known.save('hand', recipe('another', '--other'))
    expect(await readdir(join(folder, 'data/recipes/waiting'))).toEqual(['c.yaml', 'hand.yaml'])
    store.query('DELETE FROM recipe_trust').run()
    const later = open()
    expect([later.get('c')?.trusted, later.get('hand')?.trusted]).toEqual([false, false])
    expect(later.get('c')?.file).toBe('data/recipes/waiting/c.yaml')
    later.trust('c', later.get('c')?.hash ?? '')
    store.query('DELETE FROM recipe_trust').run()
    expect(open().get('c')).toMatchObject({ trusted: true, file: 'data/recipes/c.yaml' })
    expect(await readdir(join(folder, 'data/recipes/waiting'))).toEqual(['hand.yaml'])
  })

  test('is given to the text that was shown, not to what its file has become since', async () => {
    const known = open()
    const shown = known.save('c', recipe('c', '--x')).recipe
    await write('data/recipes/waiting/c.yaml', recipe('c', '--evil'))
    expect(known.trust('c', shown?.hash ?? '')?.trusted).toBe(true)
    expect(await readFile(join(folder, 'data/recipes/c.yaml'), 'utf8')).toBe(recipe('c', '--x'))
    expect(open().get('c')?.command).toContain('--x')
  })

  test('is needed for what lies in a launcher, and given to its commands rather than to its file', async () => {
    await write('home/launcher/recipes/x.yaml', recipe('x', '--x'))
    const known = open(onHost())
    await known.refresh()
    expect(known.get('x')).toMatchObject({ source: 'launcher:spark-1', trusted: false })
    known.trust('x', known.get('x')?.hash ?? '')
    await write('home/launcher/recipes/x.yaml', recipe('renamed', '--x'))
    await known.refresh()
    expect(known.get('x')).toMatchObject({ name: 'renamed', trusted: true })
    await write('home/launcher/recipes/x.yaml', recipe('x', '--other'))
    await known.refresh()
    expect(known.get('x')?.trusted).toBe(false)
  })
})

describe('remove()', () => {
  test('brings the shipped recipe back, and touches no other', () => {
    const known = open()
    known.save('a', recipe('mine'))
    expect(known.remove('a')).toBe(true)
    expect(names(known)).toEqual(['a: shipped a (shipped)', 'b: shipped b (shipped)'])
    expect(known.remove('a')).toBe(false)
    expect(known.remove('nothing')).toBe(false)
  })

  test('takes what waits first, so that the recipe it would replace counts again', async () => {
    await write('data/recipes/a.yaml', recipe('by hand', '--z'))
    const known = open()
    known.save('a', recipe('sent', '--other'))
    expect([known.get('a')?.name, known.shipped('a')?.name]).toEqual(['sent', 'by hand'])
    expect(known.remove('a')).toBe(true)
    expect(known.get('a')).toMatchObject({ name: 'by hand', trusted: true })
    expect(known.remove('a')).toBe(true)
    expect(known.get('a')?.source).toBe('shipped')
  })
})

describe('catalogue()', () => {
  test('takes the first of several with one id: own, shipped, declared sources in order, launchers', async () => {
    for (const place of ['one', 'two', 'home/launcher/recipes'])
      for (const id of ['a', 'own', 'first', 'both'])
        if (!(place === 'two' && id === 'first')) await write(`${place}/${id}.yaml`, recipe(`${id} of ${place}`, '--f'))
    await write('home/launcher/recipes/last.yaml', recipe('last', '--l'))
    const source = { host: null, trusted: false }
    const sources = [
      { ...source, name: 'two', folder: join(folder, 'two'), trusted: true },
      { ...source, name: 'one', folder: join(folder, 'one') },
    ]
    const known = open({ ...onHost(), sources })
    known.save('own', recipe('mine', '--f'))
    await known.refresh()
    expect(names(known)).toEqual([
      'own: mine (own)',
      'a: shipped a (shipped)',
      'b: shipped b (shipped)',
      'both: both of two (two)',
      'first: first of one (one)',
      'last: last (launcher:spark-1)',
    ])
    expect(known.shadowed('own').map(({ source }) => source)).toEqual(['two', 'one', 'launcher:spark-1'])
    expect(known.sources().map(({ name, recipes, problem }) => [name, recipes, problem])).toEqual([
      ['two', 3, null],
      ['one', 4, null],
      ['launcher:spark-1', 5, null],
    ])
    // The same commands stand in a source that is trusted.
    expect(known.get('first')?.trusted).toBe(true)
    expect(known.get('last')?.trusted).toBe(false)
  })

  test('counts the same file of two Sparks once', async () => {
    await write('home/launcher/recipes/x.yaml', recipe('x'))
    const hosts = new Map([
      ['spark-1', live],
      ['spark-2', { ...live, run: live.run, host: { ...live.host, id: 'spark-2' } }],
    ])
    const sources = [{ name: 'second', folder: '~/launcher/recipes', host: 'spark-1', trusted: false }]
    const known = open({ hosts, sources })
    await known.refresh()
    expect(known.get('x')?.source).toBe('second')
    expect(known.shadowed('x')).toEqual([])
  })

  test('knows foreign recipes before their host answers, and asks no file twice', async () => {
    await write('home/launcher/recipes/x.yaml', recipe('x'))
    const first = open(onHost())
    await first.refresh()
    const before = changes
    const again = open(onHost())
    expect(names(again)).toContain('x: x (launcher:spark-1)')
    asked = 0
    await again.refresh()
    expect([asked, changes - before]).toEqual([1, 0])
    expect(names(open())).not.toContain('x: x (launcher:spark-1)')
  })

  test('tells mistakes in foreign files as notes, and leaves out what bears a declared name', async () => {
    await write('home/launcher/recipes/bad.yaml', recipe('x', '|'))
    await write('home/launcher/recipes/chat.yaml', recipe('x'))
    await write('data/recipes/mine.yaml', 'command: 1')
    await write('data/recipes/current.yaml', recipe('x'))
    const known = open(onHost())
    await known.refresh()
    const found = known.findings()
    expect(found.filter(({ severity }) => severity === 'error').every(({ file }) => file.startsWith('data/'))).toBe(
      true,
    )
    expect(found.filter(({ severity }) => severity === 'note').map(formatFinding)).toEqual([
      'note: launcher:spark-1/bad.yaml:5:1: was left out: command: has an unquoted "|"; quote it: a recipe\'s command is one program call',
      'note: launcher:spark-1/chat.yaml:1:1: "chat" is a capability; choose another id',
    ])
    expect(found.map(formatFinding)).toContain(
      'data/recipes/current.yaml:1:1: "current" is reserved; choose another id',
    )
    expect([known.get('chat'), known.get('current')]).toEqual([null, null])
  })

  test('misses a declared folder that is not there, and a host that is not declared', async () => {
    const sources = [
      { name: 'gone', folder: join(folder, 'gone'), host: null, trusted: false },
      { name: 'lost', folder: '/x', host: 'spark-9', trusted: false },
    ]
    const known = open({ sources })
    await known.refresh()
    expect(known.findings().map(formatFinding)).toEqual([
      'note: gone:1:1: cannot be read; check that this folder is there',
      'note: lost:1:1: names a host that is not declared',
    ])
  })

  test('starts where the folder of own recipes is none, and says so', async () => {
    await rm(join(folder, 'data/recipes'), { recursive: true, force: true })
    const known = open()
    await write('data/recipes/waiting', 'a file')
    await known.refresh()
    expect(known.findings().map(formatFinding)).toEqual([
      'data/recipes/waiting:1:1: cannot be read; check that it is a folder, and its permissions',
    ])
  })

  test('notices a file that a person puts into the data directory', async () => {
    const seen = Promise.withResolvers<void>()
    const known = open({ onChange: seen.resolve })
    await write('data/recipes/new.yaml', recipe('new'))
    await seen.promise
    expect(known.get('new')?.name).toBe('new')
  })
})
