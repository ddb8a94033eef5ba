import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { kinds } from '../core/config/load.fixtures'
import { check } from './check'

const recipe = (rest = '') =>
  `recipe_version: 1\nname: X\nmodel: a/b\ncontainer: vllm-node\ncommand: vllm serve a/b ${rest}\n`
const config = (rest = '') =>
  `hosts: { a: { address: 192.0.2.11, user: spark } }\nservices: { llm: { kind: vllm, host: a } }\n${rest}`
let folder = ''

beforeAll(async () => {
  folder = relative(process.cwd(), await mkdtemp(join(tmpdir(), 'check-')))
})
afterAll(() => rm(folder, { recursive: true }))

async function write(path: string, text: string): Promise<string> {
  const file = join(folder, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  return file
}

async function run(...argv: string[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = []
  const code = await check(argv, { kinds, out: (line) => lines.push(line) })
  return { code, lines }
}

test('check says ok, with what it counted, of a config and the recipes beside it', async () => {
  const file = await write('fine/spark.config.yaml', config('aliases: { best: x }'))
  await write('fine/recipes/x.yaml', recipe())
  expect(await run(file)).toEqual({ code: 0, lines: [`${file}: ok (1 host, 1 service, 1 recipe)`] })
})

test('check prints every problem of the config and of its recipes, under the names it was given', async () => {
  const file = await write('wrong/spark.config.yaml', config('hostss: {}'))
  await write('wrong/recipes/x.yaml', recipe('; reboot'))
  expect(await run(file)).toEqual({
    code: 1,
    lines: [
      `${file}:3:1: unknown key "hostss"; did you mean "hosts"?`,
      `${join(dirname(file), 'recipes/x.yaml')}:5:1: command: has an unquoted ";"; quote it: a recipe's command is one program call`,
    ],
  })
})

test('check takes a placeholder for a problem', async () => {
  const file = await write('first/spark.config.yaml', 'hosts: { a: { address: <spark-1-ip>, user: spark } }')
  const line = `${file}:1:24: hosts.a.address: still a placeholder; put the address of your first Spark here`
  expect(await run(file)).toEqual({ code: 1, lines: [line] })
})

test('check knows a recipe by what it holds', async () => {
  const file = await write('anywhere/qwen.yaml', recipe('-tp 2'))
  expect(await run(file)).toEqual({ code: 0, lines: [`${file}: ok (recipe qwen, 2 Sparks)`] })
})

test('check notes a valid recipe that cannot run here, and passes it', async () => {
  await write('small/spark.config.yaml', config())
  const file = await write('small/recipes/x.yaml', recipe('-tp 2'))
  const note = `note: ${file}:1:1: cannot be launched here: it needs 2 Sparks, the largest service has 1; add hosts to a service, or leave it`
  expect(await run(file)).toEqual({ code: 0, lines: [note, `${file}: ok (recipe x, 2 Sparks)`] })
  const { code, lines } = await run(join(folder, 'small/spark.config.yaml'))
  expect({ code, line: lines[0] }).toEqual({ code: 0, line: note })
})

test.each<[string, string, string[]]>([
  ['sparkrun', 'model: a/b\nruntime: vllm\ncontainer: x\ndefaults: { tensor_parallel: 1 }\n', []],
  [
    'of an engine that is not started here',
    'model: a/b\nruntime: sglang\ncontainer: x\n',
    ['1:1: cannot be launched: it is for sglang, and only vLLM is started here; start it by runtime script'],
  ],
  ['of runtime docker', `${recipe()}spark_control: { runtime: docker, docker: { shm: 16g } }\n`, []],
  [
    'of runtime script',
    'recipe_version: 1\nname: X\nmodel: a/b\nspark_control: { runtime: script, script: { start: [a], stop: [b], status: [c] } }\n',
    [],
  ],
])('check passes a recipe %s', async (name, text, notes) => {
  const file = await write(`formats/${name.replaceAll(' ', '-')}.yaml`, text)
  const { code, lines } = await run(file)
  expect({ code, notes: lines.slice(0, -1) }).toEqual({ code: 0, notes: notes.map((note) => `note: ${file}:${note}`) })
  expect(lines.at(-1)).toStartWith(`${file}: ok (recipe `)
})

test('check --json prints one object', async () => {
  const file = await write('json/spark.config.yaml', 'hosts: 1')
  const { code, lines } = await run('--json', file)
  expect(code).toBe(1)
  expect(JSON.parse(lines.join('\n'))).toEqual({
    ok: false,
    findings: [
      {
        file,
        line: 1,
        column: 8,
        path: 'hosts',
        problem: 'expected object, got number (1)',
        remedy: 'write keys and values below it',
        severity: 'error',
      },
    ],
  })
})

test('check of a file that is not there is 1, a wrong call is 2', async () => {
  const missing = join(folder, 'nowhere.yaml')
  expect(await run(missing)).toEqual({ code: 1, lines: [`${missing}:1:1: no such file; check the path`] })
  expect(await run(folder)).toEqual({ code: 1, lines: [`${folder}:1:1: is not a file; name a YAML file`] })
  expect(await run()).toEqual({ code: 2, lines: ['check: no file given; usage: check FILE [--json]'] })
  expect((await run('a', 'b')).code).toBe(2)
  expect((await run('--yaml', 'a')).code).toBe(2)
})
