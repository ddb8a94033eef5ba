import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import type { Recipe } from '../core/models/recipe'
import { small, type TestCluster, testCluster, until } from './cluster'

setDefaultTimeout(60_000)

const repo = 'nvidia/Llama-3.1-8B-Instruct-FP8'
const community = (name: string) =>
  `recipe_version: "1"\nname: ${name}\nmodel: ${repo}\ncontainer: vllm-node\ncommand: vllm serve ${repo} --port {port} --max-model-len 4096\n`
const sparkrun = `model: ${repo}\nruntime: vllm\ncontainer: vllm-node\nmods: [mods/none]\ndefaults: { tensor_parallel: 1 }\n`

let spark: TestCluster

beforeAll(async () => {
  spark = await testCluster({
    config(text, { directory, hosts }) {
      const lies = (path: string, recipe: string) => {
        mkdirSync(dirname(join(directory, path)), { recursive: true })
        writeFileSync(join(directory, path), recipe)
      }
      for (const { id } of hosts)
        lies(`hosts/${id}/home/spark-vllm-docker/recipes/4x/from-launcher.yaml`, community('From the launcher'))
      lies('hosts/spark-1/home/spark-vllm-docker/recipes/broken.yaml', `${community('x')}mods: [../x]\n`)
      lies('team/from-team.yaml', sparkrun)
      return `${text}recipes:\n  - { name: team, folder: ${join(directory, 'team')} }\n`
    },
  })
  await spark.settled()
  await until('the recipes of the launcher', async () => ((await listed('from-launcher')) ? true : null))
})
afterAll(() => spark.stop())

type View = Pick<Recipe, 'id' | 'name' | 'source' | 'trusted' | 'hash'> & { runnable: boolean }

async function listed(id: string): Promise<View | undefined> {
  const { recipes } = (await (await spark.ask('GET', '/api/recipes')).json()) as { recipes: View[] }
  return recipes.find((each) => each.id === id)
}

async function answer(method: string, path: string, body?: unknown) {
  const response = await spark.ask(method, path, body)
  return { status: response.status, body: await response.json() }
}

describe('a foreign recipe', () => {
  test('is listed with where it comes from, once however many Sparks have it', async () => {
    expect(await listed('from-launcher')).toMatchObject({ source: 'launcher:spark-1', trusted: false, runnable: true })
    expect(await listed('from-team')).toMatchObject({ source: 'team', trusted: false, runnable: true })
    const { body } = await answer('GET', '/api/recipes')
    expect(body.sources.map(({ name, recipes }: { name: string; recipes: number }) => [name, recipes])).toEqual([
      ['team', 1],
      ['launcher:spark-1', 3],
      ['launcher:spark-2', 3],
    ])
  })

  test('is launched only once its commands were accepted as they were shown', async () => {
    const refused = await answer('POST', '/api/swap', { recipe: 'from-launcher' })
    expect(refused.status).toBe(422)
    expect(refused.body.error.code).toBe('recipe_not_trusted')
    const shown = await answer('GET', '/api/recipes/from-launcher')
    expect(shown.body.argv.slice(0, 3)).toEqual(['vllm', 'serve', repo])
    const { hash } = refused.body.error
    expect(shown.body.hash).toBe(hash)
    expect((await answer('POST', '/api/recipes/from-launcher/trust', { hash: '0'.repeat(64) })).status).toBe(409)
    expect((await answer('POST', '/api/recipes/from-launcher/trust', { hash })).status).toBe(200)
    expect(await spark.swap('from-launcher')).toMatchObject({ state: 'done', recipe: 'from-launcher' })
  })
})

describe('an own recipe', () => {
  test('that waits to be accepted runs nothing, not even to end what it would replace', async () => {
    await spark.load(small)
    const touched = (name: string) => join(spark.cluster.hosts[0]?.home ?? '', name)
    const own = { start: ['./start.sh'], stop: ['touch', '~/stopped'], status: ['touch', '~/asked'] }
    const text = stringify({
      recipe_version: '1',
      name: 'X',
      model: repo,
      spark_control: { runtime: 'script', script: own },
    })
    expect((await answer('PUT', `/api/recipes/${small}`, { text })).status).toBe(200)
    expect(await listed(small)).toMatchObject({ source: 'own', trusted: false })
    expect(await spark.swap(null)).toMatchObject({ state: 'done', previous: small })
    expect([touched('stopped'), touched('asked')].map((path) => existsSync(path))).toEqual([false, false])
    expect((await answer('DELETE', `/api/recipes/${small}`)).status).toBe(200)
    await spark.load(small)
  })

  test('wins over the shipped one, and goes back to it', async () => {
    const text = readFileSync(join(spark.cluster.directory, 'recipes', `${small}.yaml`), 'utf8')
    const own = text.replace(/^name: .*$/m, 'name: My own')
    expect((await answer('PUT', `/api/recipes/${small}`, { text: own })).status).toBe(200)
    // Its commands are those of the shipped one: only its name is new.
    expect(await listed(small)).toMatchObject({ name: 'My own', source: 'own', trusted: true })
    const { body } = await answer('GET', `/api/recipes/${small}`)
    expect(body.difference).toContain('+name: My own')
    expect(body.shipped).toBe(text)
    expect((await answer('DELETE', `/api/recipes/${small}`)).status).toBe(200)
    expect(await listed(small)).toMatchObject({ source: 'shipped' })
    expect((await answer('DELETE', `/api/recipes/${small}`)).status).toBe(409)
  })

  test('sent as YAML is checked like a file, and its commands wait for acceptance', async () => {
    const put = (text: string) => spark.ask('PUT', '/api/recipes/by-http', text, { 'content-type': 'application/yaml' })
    expect((await put(`${community('x')}mods: [../x]\n`)).status).toBe(422)
    expect((await put(`${community('By HTTP')}env: { A: "1" }\n`)).status).toBe(200)
    expect(await listed('by-http')).toMatchObject({ name: 'By HTTP', trusted: false })
    expect((await answer('POST', '/api/swap', { recipe: 'by-http' })).body.error.code).toBe('recipe_not_trusted')
  })
})
