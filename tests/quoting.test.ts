import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { shellText } from '../core/cluster/shell'
import { containerProof, stopCommands } from '../core/launchers/container'
import { claimFence } from '../core/swap/steps/fence'
import { startLaunch } from '../core/swap/steps/job-directory'
import { arrived, canariesIn } from './arrived'
import { type TestCluster, testCluster, until } from './cluster'
import { hostileTexts, recipeWord } from './hostile'

const canary = `canary-${process.pid}`
const texts = hostileTexts(canary)
const oneLine = texts.filter((text) => [...text].every((char) => char >= ' ' && char !== '\x7f'))
// One SSH command holds 32 kB: of the whole list every sixth text goes through a recipe's arguments, another sixth through its variables.
const asArguments = texts.filter((_, index) => index % 6 === 0)
const asVariables = oneLine.filter((_, index) => index % 6 === 1)
const nasty = `{"a": [1, "two words"], 'b': "it's"} $HOME $(touch ${canary}) \`touch ${canary}\` \\ \\\\ \n *.yaml ? ~ ;&|<>#!`
const model = 'nvidia/Llama-3.1-8B-Instruct-FP8'
const scratch = mkdtempSync(join(tmpdir(), 'spark-quoting-'))
let spark: TestCluster

setDefaultTimeout(60_000)

beforeAll(async () => {
  spark = await testCluster({ recipes: hostileRecipes() })
  await spark.settled()
})
afterAll(async () => {
  try {
    expect(canariesIn(spark.cluster.directory, canary)).toEqual([])
    expect(canariesIn(scratch, canary)).toEqual([])
    expect(existsSync(canary)).toBe(false)
  } finally {
    await spark.stop()
    rmSync(scratch, { recursive: true, force: true })
  }
})

test('there are over 500 hostile texts, all different', () => {
  expect(texts.length).toBeGreaterThan(500)
  expect(new Set(texts).size).toBe(texts.length)
})

test.each(['sh', 'bash', 'dash'].filter((shell) => Bun.which(shell)))(
  'shellText() brings every hostile text through %s as it is',
  async (shell) => {
    const line = shellText(['printf', '%s\\0', ...texts])
    const child = Bun.spawn([shell, '-c', line], { cwd: scratch, stdout: 'pipe', stderr: 'pipe' })
    expect((await new Response(child.stdout).text()).split('\0').slice(0, -1)).toEqual(texts)
    expect(await new Response(child.stderr).text()).toBe('')
    expect(readdirSync(scratch).filter((name) => name !== 'recipes')).toEqual([])
  },
)

test('every hostile text comes through SSH as it is', async () => {
  expect(await arrived(spark, texts)).toEqual(texts)
})

test('a recipe full of quotes, blanks, newlines and commands arrives in the container word for word', async () => {
  expect((await spark.swap('hostile')).state).toBe('done')
  const pid = spark.cluster.processes().find(({ service }) => service === 'llm')?.pid
  const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  const after = (flag: string) => argv[argv.indexOf(flag) + 1]
  expect(after('--response-role')).toBe(nasty)
  expect(JSON.parse(after('--hf-overrides') ?? '')).toEqual({ texts: asArguments })
  expect(argv.filter((word) => word.startsWith('--revision='))).toEqual([`--revision=${nasty}`])
  expect(after('--served-model-name')).toBe(model)
  expect(after('--port')).toBe(String(spark.cluster.ports.llm))
  const environment = new Set(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0'))
  const sent = asVariables.map((text, index) => `HOSTILE_${index}=${text}`)
  expect(sent.filter((each) => !environment.has(each))).toEqual([])
})

test('a recipe that is longer than SSH carries is refused before anything is stopped, and the link stands', async () => {
  const answer = await spark.ask('POST', '/api/swap', { recipe: 'endless' })
  expect([answer.status, (await answer.json()).error.reason]).toEqual([422, expect.stringContaining('SSH carries')])
  const live = spark.plane.runtime.hosts.get('spark-1')
  expect(await live?.run(['echo', 'x'.repeat(100_000)]).catch(String)).toContain('SSH carries')
  expect(await arrived(spark, ['still', 'here'])).toEqual(['still', 'here'])
})

test('a hostile launcher folder and job are only ever names', async () => {
  const live = spark.plane.runtime.hosts.get('spark-1')
  const home = spark.cluster.hosts[0]?.home ?? ''
  const folders = oneLine.filter((text) => text.startsWith('~/')).slice(0, 12)
  expect(folders).toHaveLength(12)
  const argv = ['./launch-cluster.sh', ...texts.slice(0, 200)]
  const claim = { fence: 1_000_000, job: 'quoting', signal: new AbortController().signal }
  if (live) await claimFence(live, claim.fence, claim.job)
  for (const [index, launcher] of folders.entries()) {
    const folder = join(home, launcher.slice(2))
    mkdirSync(folder, { recursive: true })
    writeFileSync(
      join(folder, 'launch-cluster.sh'),
      '#!/bin/sh\nprintf "%s\\0" "$@" >arrived.tmp; mv arrived.tmp arrived; exit 3\n',
      { mode: 0o755 },
    )
    const work = { directory: launcher, start: argv, homes: 0, log: [], logFirst: false, alive: ['true'], verdict: [] }
    if (live) await startLaunch(live, `quoting-${index}`, work, claim)
    await until(`${launcher} to be run`, () => existsSync(join(folder, 'arrived')) || null)
    expect(readFileSync(join(folder, 'arrived'), 'utf8').split('\0').slice(0, -1)).toEqual(argv.slice(1))
  }
})

test('what stops and looks at a container takes its name as a name', async () => {
  const names = texts.map((text) => `x${text}`)
  const words = names.flatMap((name) => [...stopCommands(name), containerProof(name).argv]).flat()
  expect(await arrived(spark, words)).toEqual(words)
})

function hostileRecipes(): string {
  const folder = join(scratch, 'recipes')
  mkdirSync(folder)
  const command = [
    `vllm serve ${model} --served-model-name ${model} --port {port} --host {host} --gpu-memory-utilization 0.3`,
    `--response-role ${recipeWord(nasty)}`,
    recipeWord(`--revision=${nasty}`),
    `--hf-overrides ${recipeWord(JSON.stringify({ texts: asArguments }))}`,
  ]
  const recipe = {
    recipe_version: '1',
    name: 'Hostile',
    model,
    container: 'vllm-node',
    env: Object.fromEntries(asVariables.map((text, index) => [`HOSTILE_${index}`, text])),
    command: `${command.join(' ')}\n`,
  }
  writeFileSync(join(folder, 'hostile.yaml'), stringify(recipe))
  const endless = `vllm serve ${model} --response-role ${'x'.repeat(30_000)}`
  writeFileSync(join(folder, 'endless.yaml'), stringify({ ...recipe, env: {}, command: endless }))
  return folder
}
