import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestCluster, testCluster, until } from './cluster'

setDefaultTimeout(60_000)

const repo = 'BAAI/bge-m3'
let spark: TestCluster
let yaml = ''

beforeAll(async () => {
  spark = await testCluster()
  const suggested = await until('a suggestion', async () => {
    const answer = await spark.ask('GET', `/api/models/suggest?repo=${repo}`)
    return answer.ok ? ((await answer.json()) as { yaml: string }) : null
  })
  yaml = suggested.yaml
})
afterAll(() => spark.stop())

async function confirm(form: Record<string, string>) {
  const body = new URLSearchParams({ repo, yaml, ...form })
  const answer = await fetch(`${spark.url}/ui/models/setup`, { method: 'POST', body, redirect: 'manual' })
  const page = await answer.text()
  return { status: answer.status, page, replaces: /name="replaces" value="(\w+)"/.exec(page)?.[1] ?? '' }
}

const file = (id: string) => join(spark.data, 'recipes', `${id}.yaml`)

test('a shipped recipe is edited into one of yours, and what came meanwhile is not overwritten', async () => {
  const id = 'llama-3.1-8b-fp8'
  const page = await (await fetch(`${spark.url}/ui/recipes/${id}/edit`)).text()
  const replaces = /name="replaces" value="(\w+)"/.exec(page)?.[1] ?? ''
  const shipped = readFileSync(join(spark.cluster.directory, 'recipes', `${id}.yaml`), 'utf8')
  const edited = shipped.replace(/^name: .*$/m, 'name: Edited')
  const form = { id, yaml: edited, repo: 'nvidia/Llama-3.1-8B-Instruct-FP8' }
  expect((await confirm(form)).status).toBe(409)
  expect((await confirm({ ...form, replaces })).status).toBe(303)
  const now = await (await spark.ask('GET', `/api/recipes/${id}`)).json()
  expect(now).toMatchObject({ name: 'Edited', source: 'own', trusted: true })
  expect((await spark.ask('DELETE', `/api/recipes/${id}`)).status).toBe(200)
})

test('setting up replaces an own recipe only once that was told, and only the one that was told of', async () => {
  expect((await confirm({ id: 'mine' })).status).toBe(303)
  writeFileSync(file('mine'), `# by hand\n${yaml.replace('--runner pooling', '--runner pooling --seed 1')}`)
  await until('the change', async () => {
    const { text } = (await (await spark.ask('GET', '/api/recipes/mine')).json()) as { text: string }
    return text.startsWith('# by hand') ? text : null
  })
  const refused = await confirm({ id: 'mine' })
  expect(refused.status).toBe(409)
  expect(refused.page).toContain('confirm again to replace it')
  expect((await confirm({ id: 'mine', replaces: 'f'.repeat(64) })).status).toBe(409)
  expect(readFileSync(file('mine'), 'utf8')).toStartWith('# by hand')
  expect((await confirm({ id: 'mine', replaces: refused.replaces })).status).toBe(303)
  expect(readFileSync(file('mine'), 'utf8')).toBe(yaml)
})

test('setting up leaves a file of that name that does not load', async () => {
  writeFileSync(file('broken'), 'name: [')
  const refused = await confirm({ id: 'broken' })
  expect(refused.status).toBe(409)
  expect(refused.page).toContain('does not load')
  expect(readFileSync(file('broken'), 'utf8')).toBe('name: [')
})

test('an own recipe with nothing beneath it is removed on its page', async () => {
  expect((await confirm({ id: 'gone' })).status).toBe(303)
  expect(await (await spark.ask('GET', '/ui/recipes/gone')).text()).toContain('action="/ui/recipes/gone/remove"')
  const answer = await fetch(`${spark.url}/ui/recipes/gone/remove`, { method: 'POST', redirect: 'manual' })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/ui/models'])
  expect((await spark.ask('GET', '/api/recipes/gone')).status).toBe(404)
})
