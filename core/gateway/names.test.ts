import { expect, test } from 'bun:test'
import type { Service } from '../config/cluster'
import { sampleHost, sampleService } from '../config/declared.sample'
import type { Recipe } from '../models/recipe'
import { sampleRecipe } from '../models/recipe.sample'
import { type NamesState, nameables, resolveModel } from './names'

const host = sampleHost('h')
const llm = service('llm', { kind: 'vllm' })
const embed = service('embed', { model: 'org/embedder', offers: ['embed'] })
const ollama = service('ollama', { kind: 'openai' })
const coder = recipe('coder', 'org/coder', ['chat', 'tools'])
const seer = recipe('seer', 'org/seer', ['chat', 'vision'])

test('resolveModel() finds a recipe by id, repo or capability, loaded or not', () => {
  const state = names({ loaded: coder })
  expect(found('coder', state)).toEqual(['llm', 'coder', 'served-coder'])
  expect(found('org/coder', state)).toEqual(['llm', 'coder', 'served-coder'])
  expect(found('served-coder', state)).toEqual(['llm', 'coder', 'served-coder'])
  expect(found('tools', state)).toEqual(['llm', 'coder', 'served-coder'])
  expect(found('seer', state)).toEqual(['llm', 'seer', null])
  expect(found('vision', state)).toEqual(['llm', 'seer', null])
  expect(found('nobody', state)).toBeNull()
})

test('resolveModel() takes recipe id before alias, alias before repo, repo before capability', () => {
  const aliases = { coder: 'seer', 'org/coder': 'seer', best: 'seer', chat: 'seer' }
  const state = names({ loaded: coder, aliases })
  expect(found('coder', state)?.[1]).toBe('coder')
  expect(found('org/coder', state)?.[1]).toBe('seer')
  expect(found('best', state)?.[1]).toBe('seer')
  expect(found('chat', state)?.[1]).toBe('seer')
  const namedLikeAbility = recipe('x', 'tools', ['chat'])
  expect(found('tools', names({ loaded: coder, recipes: [coder, namedLikeAbility] }))?.[1]).toBe('x')
})

test('resolveModel() means by a capability what is loaded', () => {
  expect(found('chat', names({ loaded: seer }))?.[1]).toBe('seer')
  expect(found('chat', names({ loaded: coder }))?.[1]).toBe('coder')
  expect(found('chat', names({ loaded: null }))).toEqual(['llm', 'coder', null])
})

test('resolveModel() follows an alias once and never around', () => {
  const state = names({ loaded: coder, aliases: { a: 'b', b: 'a', c: 'd', d: 'coder', own: 'own' } })
  for (const name of ['a', 'b', 'c', 'own']) expect(found(name, state)).toBeNull()
  expect(found('d', state)?.[1]).toBe('coder')
})

test('resolveModel() knows no names that every object has', () => {
  for (const name of ['constructor', '__proto__', 'toString', ''])
    expect(found(name, names({ loaded: coder }))).toBeNull()
})

test('resolveModel() knows what a fixed service serves, and that it does not while it is not seen', () => {
  expect(found('embed', names({ loaded: null, seen: true }))).toEqual(['embed', null, 'org/embedder'])
  expect(found('org/embedder', names({ loaded: null, seen: false }))).toEqual(['embed', null, null])
})

test('resolveModel() knows every model that an open service lists, and what is loaded by a swap comes first for `chat`', () => {
  const listed = { ollama: ['llama3:8b', 'qwen3:4b'].map((id) => ({ id, root: id })) }
  expect(found('qwen3:4b', names({ loaded: coder, listed }))).toEqual(['ollama', null, 'qwen3:4b'])
  expect(found('chat', names({ loaded: coder, listed }))?.[0]).toBe('llm')
  expect(found('chat', names({ loaded: null, listed }))).toEqual(['ollama', null, 'llama3:8b'])
  expect(found('qwen3:4b', names({ loaded: coder }))).toBeNull()
})

test('nameables() names a loaded recipe once, and a disabled service never', () => {
  expect(nameables(names({ loaded: coder })).map(({ repo }) => repo)).toEqual(['org/embedder', 'org/coder', 'org/seer'])
  const state = names({ loaded: null })
  state.cluster.services = state.cluster.services.map((each) => ({ ...each, disabled: true }))
  expect(nameables(state).map(({ repo }) => repo)).toEqual(['org/coder', 'org/seer'])
})

test('resolveModel() means by `current` what the default service serves, else what comes there, else nothing yet', () => {
  expect(found('current', names({ loaded: coder }))).toEqual(['llm', 'coder', 'served-coder'])
  expect(found('current', names({ loaded: null }))).toEqual(['llm', null, null])
  const swapping = names({ loaded: coder, leaving: ['llm'], coming: seer })
  expect(resolveModel('current', swapping)).toMatchObject({ recipe: seer, upstreamName: null, coming: true })
})

test('resolveModel() means what is coming while the model before it leaves, and what still runs before that', () => {
  const before = names({ loaded: coder, coming: seer })
  expect(found('chat', before)).toEqual(['llm', 'coder', 'served-coder'])
  expect(resolveModel('vision', before)).toMatchObject({ recipe: seer, coming: true, exact: false })
  const during = names({ loaded: coder, leaving: ['llm'], coming: seer })
  expect(resolveModel('chat', during)).toMatchObject({ recipe: seer, coming: true })
  expect(resolveModel('seer', during)).toMatchObject({ recipe: seer, coming: true, exact: true })
  expect(resolveModel('coder', during)).toMatchObject({ recipe: coder, upstreamName: null, coming: false })
  expect(nameables(during).map(({ repo }) => repo)).toEqual(['org/embedder', 'org/seer', 'org/coder'])
})

test('resolveModel() means by a capability what the default service serves, before others that can do it too', () => {
  const state = names({ loaded: coder })
  state.cluster.services = [service('other', { model: 'org/other', offers: ['chat'] }), llm]
  const serving = new Map([...state.serving, ['other', { id: 'org/other', root: 'org/other', recipe: null }] as const])
  expect(found('chat', { ...state, serving })?.[0]).toBe('llm')
  expect(found('chat', { ...state, serving, leaving: new Set(['llm']) })?.[0]).toBe('other')
})

function found(name: string, state: NamesState): [string, string | null, string | null] | null {
  const named = resolveModel(name, state)
  return named && [named.service.id, named.recipe?.id ?? null, named.upstreamName]
}

interface Given {
  loaded: Recipe | null
  aliases?: Record<string, string>
  recipes?: Recipe[]
  seen?: boolean
  listed?: Record<string, { id: string; root: string }[]>
  leaving?: string[]
  coming?: Recipe
}

function names({ loaded, aliases = {}, recipes = [coder, seer], seen = true, ...given }: Given): NamesState {
  const { listed = {}, leaving = [], coming } = given
  const serving: [string, { id: string; root: string; recipe: Recipe | null }][] = []
  if (loaded) serving.push(['llm', { id: `served-${loaded.id}`, root: loaded.repo, recipe: loaded }])
  if (seen) serving.push(['embed', { id: 'org/embedder', root: 'org/embedder', recipe: null }])
  const cluster = {
    name: 'test',
    demo: false,
    hosts: [host],
    services: [llm, embed, ollama],
    aliases,
    recipeSources: [],
    hubToken: null,
    hub: null,
    webhooks: [],
    holdS: 20,
    drainS: 30,
    allowedHosts: [],
    sshKey: null,
  }
  return {
    cluster,
    recipes,
    serving: new Map(serving),
    listed: new Map(Object.entries(listed)),
    swappable: [llm],
    leaving: new Set(leaving),
    coming: new Map(coming ? [['llm', coming]] : []),
  }
}

function service(id: string, more: Partial<Service>): Service {
  return sampleService(id, { kind: 'http', hosts: [host], port: 8000, ...more })
}

function recipe(id: string, repo: string, capabilities: string[]): Recipe {
  const texts = {
    id,
    name: id,
    description: '',
    repo,
    container: 'image',
    command: 'vllm serve',
    source: 'shipped',
    file: `${id}.yaml`,
  }
  return sampleRecipe({ ...texts, capabilities })
}
