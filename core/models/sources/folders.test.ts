import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { RunOptions, RunResult } from '../../cluster/remote-commands'
import { hostFolder } from './host-folder'
import { localFolder } from './local-folder'
import { limits, type RecipeText } from './reading'

let root = ''
let answered = 0

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'folders-'))
})
afterAll(() => rm(root, { recursive: true }))

/** The command as a Spark's own shell runs it, without the SSH between. */
async function run(argv: readonly string[], { input = '' }: RunOptions = {}): Promise<RunResult> {
  const child = Bun.spawn([...argv], {
    env: { PATH: process.env.PATH, HOME: root },
    stdin: new Blob([String(input)]),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  answered = stdout.length
  return { code, signal: null, stdout, stdoutBytes: stdout.length, stderr }
}

async function folder(name: string, files: Record<string, string | Uint8Array>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name, path)), { recursive: true })
    await writeFile(join(root, name, path), text)
  }
  return join(root, name)
}

const readers = {
  'localFolder()': (path: string, known: readonly RecipeText[] = []) => localFolder(path, known),
  'hostFolder()': (path: string, known: readonly RecipeText[] = []) => hostFolder({ run }, path, known),
}

describe.each(Object.entries(readers))('%s', (reader, read) => {
  const at = (name: string) => `${reader.slice(0, 4)}-${name}`

  test('reads the recipes of a folder and below it, and nothing hidden', async () => {
    const path = await folder(at('tree'), {
      'a.yaml': 'name: ä\n',
      '4x/B.YML': 'b',
      'README.md': 'no',
      '.git/c.yaml': 'no',
      'node_modules/d.yaml': 'no',
    })
    const { files, skipped, problem, commit } = await read(path)
    expect(files.map(({ path, text }) => [path, text])).toEqual([
      ['a.yaml', 'name: ä\n'],
      ['4x/B.YML', 'b'],
    ])
    expect({ skipped, problem, commit }).toEqual({ skipped: [], problem: null, commit: null })
  })

  test('says which files it leaves out, and why', async () => {
    const path = await folder(at('odd'), {
      'bytes.yaml': new Uint8Array([0xff, 0xfe, 0x00]),
      'huge.yaml': 'x'.repeat(limits.fileBytes + 1),
    })
    await symlink('/etc/passwd', join(path, 'leaves.yaml'))
    await symlink('..', join(path, 'up'))
    const { files, skipped } = await read(path)
    expect(files).toEqual([])
    expect(skipped).toEqual([
      { path: 'bytes.yaml', problem: 'is not UTF-8 text' },
      { path: 'huge.yaml', problem: 'is larger than 64 kB' },
      { path: 'leaves.yaml', problem: 'is a link or no file' },
    ])
  })

  test('takes 500 files at most', async () => {
    const names = Array.from({ length: limits.files + 2 }, (_, index) => `r${String(index).padStart(4, '0')}.yaml`)
    const path = await folder(at('many'), Object.fromEntries(names.map((name) => [name, 'a: 1'])))
    const { files, skipped } = await read(path)
    expect([files.length, skipped.length]).toEqual([limits.files, 2])
  })

  test('says so when the folder is not there', async () => {
    const { problem } = await read(join(root, 'nowhere'))
    expect(problem).toBe('cannot be read; check that this folder is there')
  })

  test('takes what it knows already, and reads what has changed', async () => {
    const path = await folder(at('known'), { 'a.yaml': 'one', 'b.yaml': 'x'.repeat(5000) })
    const first = await read(path)
    const whole = answered
    const again = await read(path, first.files)
    expect(again).toEqual(first)
    if (reader === 'hostFolder()') expect(answered).toBeLessThan(whole / 10)
    await writeFile(join(path, 'a.yaml'), 'two')
    const { mtimeMs } = await stat(join(path, 'a.yaml'))
    await utimes(join(path, 'a.yaml'), mtimeMs / 1000, mtimeMs / 1000 + 5)
    expect((await read(path, first.files)).files[0]?.text).toBe('two')
  })

  test.each([
    ['a branch', { HEAD: 'ref: refs/heads/main\n', 'refs/heads/main': `${'a'.repeat(40)}\n` }, 'a'.repeat(40)],
    ['no branch', { HEAD: `${'b'.repeat(40)}\n` }, 'b'.repeat(40)],
    [
      'a packed branch',
      { HEAD: 'ref: refs/heads/x\n', 'packed-refs': `${'c'.repeat(40)} refs/heads/x\n` },
      'c'.repeat(40),
    ],
    ['a branch that leads away', { HEAD: 'ref: refs/../../secret\n' }, null],
  ])('tells the commit of a checkout on %s', async (name, git, commit) => {
    const files = Object.fromEntries(Object.entries(git).map(([file, text]) => [`.git/${file}`, text]))
    const path = await folder(at(name), { ...files, 'recipes/a.yaml': 'a' })
    expect((await read(join(path, 'recipes'))).commit).toBe(commit)
  })
})

test('hostFolder() knows the home of the login, and says what perl complains of', async () => {
  await folder('spark-vllm-docker/recipes', { 'a.yaml': 'a' })
  expect((await hostFolder({ run }, '~/spark-vllm-docker/recipes', [])).files).toHaveLength(1)
  const broken = (argv: readonly string[]) => run(['sh', '-c', 'echo "$0: not found" >&2; exit 127', String(argv[0])])
  const { problem } = await hostFolder({ run: broken }, '/x', [])
  expect(problem).toBe('cannot be read (perl: not found); see whether perl is there')
})
