import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sampleHost, sampleService } from '../../core/config/declared.sample'
import { ApiError } from '../../core/gateway/api-error'
import { type History, history } from '../../core/history/history'
import { catalogue } from '../../core/models/catalogue'
import type { Recipe } from '../../core/models/recipe'
import { loadRecipe } from '../../core/models/recipe-file'
import type { Runtime } from '../../core/runtime'
import { openStore, type Store } from '../../core/store/store'
import { answerRoute } from '../route'
import { recipeRoutes } from './recipes'

const recipe = (name: string, more = '') =>
  `recipe_version: "1"\nname: ${name}\nmodel: a/b\ncontainer: vllm-node\nenv: { A: 1 }\ncommand: vllm serve a/b ${more}\n`

let folder = ''
let store: Store
let past: History
let stop: AbortController
let runtime: Runtime
let loaded: { recipe: Recipe }[] = []
let current: object | null = null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recipe-routes-'))
  store = openStore(folder)
  past = history(store)
  stop = new AbortController()
  loaded = []
  current = null
  const known = catalogue({
    shippedRecipes: [loadRecipe({ text: recipe('shipped'), file: 'recipes/a.yaml' }).recipe].flatMap(
      (one) => one ?? [],
    ),
    dataDirectory: folder,
    store,
    sources: [],
    hosts: new Map(),
    signal: stop.signal,
    onChange() {},
  })
  const service = sampleService('llm', { hosts: [sampleHost('spark-1', { launcher: '~/launcher' })] })
  const arbiter = { current: () => current, loaded: () => loaded }
  runtime = {
    catalogue: known,
    history: past,
    swappable: [service],
    arbiter,
    fit: () => null,
    inventory: { disk: () => null },
  } as unknown as Runtime
})
afterEach(() => {
  stop.abort()
  past.close()
  store.close()
  rmSync(folder, { recursive: true })
})

async function ask(method: string, path: string, body?: object | string) {
  const [, , , id, ...rest] = path.split('/')
  const pattern = ['/api/recipes', ...(id ? [':id'] : []), ...rest].join('/')
  const route = recipeRoutes.find((each) => each.method === method && each.path === pattern)
  if (!route) throw new Error(`no route ${method} ${pattern}`)
  const type = typeof body === 'string' ? 'application/yaml' : 'application/json'
  const request = new Request(`http://127.0.0.1${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { 'content-type': type },
  })
  try {
    const answer = await answerRoute(route, request, id ? { id } : {}, runtime)
    return { status: answer.status, body: await answer.json() }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { status: error.status, body: error.body }
  }
}

describe('/api/recipes', () => {
  test('lists each recipe with its hash and what it shadows', async () => {
    await ask('PUT', '/api/recipes/a', recipe('mine', '--x'))
    const { body } = await ask('GET', '/api/recipes')
    expect(body.sources).toEqual([])
    expect(body.recipes).toHaveLength(1)
    expect(body.recipes[0]).toMatchObject({
      id: 'a',
      name: 'mine',
      source: 'own',
      trusted: false,
      runnable: true,
      runtime: 'launch-cluster',
      shadows: [{ source: 'shipped', name: 'shipped' }],
    })
  })

  test('shows the commands, the shipped text and what was changed of it', async () => {
    await ask('PUT', '/api/recipes/a', { text: recipe('mine', '--x') })
    const { status, body } = await ask('GET', '/api/recipes/a')
    expect(status).toBe(200)
    expect(body.argv).toEqual('vllm serve a/b --x --port 8888'.split(' '))
    expect(body.env).toEqual({ A: '1' })
    expect(body.commands[0].host).toBe('spark-1')
    expect(body.commands[0].command).toContain('env A=1 vllm serve a/b --x --port 8888')
    expect(body.shipped).toBe(recipe('shipped'))
    expect(body.difference.filter((line: string) => /^[+-]/.test(line))).toEqual([
      '-name: shipped',
      '+name: mine',
      '-command: vllm serve a/b ',
      '+command: vllm serve a/b --x',
    ])
  })

  test('of runtime script show every command of the owner', async () => {
    const script = 'spark_control: { runtime: script, script: { start: [./go], stop: [./halt], status: [./up] } }'
    await ask('PUT', '/api/recipes/s', `recipe_version: 1\nname: S\nmodel: a/b\n${script}\n`)
    const { body } = await ask('GET', '/api/recipes/s')
    const commands = body.commands.map(({ command }: { command: string }) => command).join('\n')
    for (const word of ['./go', './halt', './up']) expect(commands).toContain(word)
    expect(body.argv).toBeNull()
  })

  test('PUT answers 422 with every finding for what does not load, and writes nothing', async () => {
    const { status, body } = await ask('PUT', '/api/recipes/b', recipe('x', '; reboot'))
    expect(status).toBe(422)
    expect(body.error).toMatchObject({ code: 'invalid_recipe', param: '/text' })
    expect(body.error.findings[0]).toMatchObject({ line: 6, path: 'command', severity: 'error' })
    expect((await ask('GET', '/api/recipes/b')).status).toBe(404)
  })

  test.each([
    ['an id in capitals', '/api/recipes/Big', recipe('x'), 404],
    ['an id that leads out of the folder', '/api/recipes/..', recipe('x'), 404],
    ['a text that is too long', '/api/recipes/b', `#${'x'.repeat(70_000)}`, 422],
    ['an empty text', '/api/recipes/b', '', 422],
    ['a NUL', '/api/recipes/b', `${recipe('x')}\0`, 422],
    ['the name of a capability', '/api/recipes/chat', recipe('x'), 422],
  ])('PUT refuses %s', async (_, path, text, status) => {
    expect((await ask('PUT', path, text)).status).toBe(status)
    expect((await ask('GET', '/api/recipes')).body.recipes).toHaveLength(1)
  })

  test('DELETE brings the shipped one back, and removes no other', async () => {
    await ask('PUT', '/api/recipes/a', recipe('mine'))
    await ask('PUT', '/api/recipes/b', recipe('only mine'))
    expect(await ask('DELETE', '/api/recipes/a')).toMatchObject({ status: 200, body: { recipe: { name: 'shipped' } } })
    expect(await ask('DELETE', '/api/recipes/b')).toEqual({ status: 200, body: { id: 'b', recipe: null } })
    expect((await ask('DELETE', '/api/recipes/a')).body.error).toMatchObject({ code: 'recipe_not_own' })
    expect((await ask('DELETE', '/api/recipes/b')).status).toBe(404)
  })

  test('trust is given to the commands that were shown, and to no others', async () => {
    const first = (await ask('PUT', '/api/recipes/b', recipe('b', '--one'))).body.recipe
    await ask('PUT', '/api/recipes/b', recipe('b', '--two'))
    const { status, body } = await ask('POST', '/api/recipes/b/trust', { hash: first.hash })
    expect(status).toBe(409)
    expect(body.error.code).toBe('recipe_changed')
    expect(body.error.recipe.argv).toContain('--two')
    expect(await ask('POST', '/api/recipes/b/trust', { hash: body.error.hash })).toMatchObject({
      status: 200,
      body: { recipe: { trusted: true } },
    })
    expect((await ask('POST', '/api/recipes/c/trust', { hash: first.hash })).status).toBe(404)
    past.flush()
    const texts = past.events({ limit: 10 }).events.map(({ text }) => text)
    expect(texts).toContain('the commands of recipe b were accepted')
  })

  test('what a swap uses, or a script has started, is left as it is', async () => {
    await ask('PUT', '/api/recipes/b', recipe('b'))
    current = { state: 'running', recipe: 'b', previous: null }
    expect((await ask('PUT', '/api/recipes/b', recipe('c'))).body.error.code).toBe('recipe_in_use')
    expect((await ask('DELETE', '/api/recipes/b')).status).toBe(409)
    current = { state: 'done', recipe: 'b', previous: null }
    expect((await ask('DELETE', '/api/recipes/b')).status).toBe(200)
  })
})
