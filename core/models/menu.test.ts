import { describe, expect, test } from 'bun:test'
import { sampleHost, sampleService } from '../config/declared.sample'
import type { JobView } from '../jobs/job'
import { sampleDisk, sampleFound } from './disk/disk.sample'
import type { Disk, FoundModel } from './disk/found-model'
import type { Fit } from './memory/fit'
import { type MenuInput, menu } from './menu'
import { sampleRecipe } from './recipe.sample'

const service = sampleService('llm', { hosts: [sampleHost('spark-1'), sampleHost('spark-2')] })
const solo = sampleRecipe({ id: 'solo', name: 'Solo', repo: 'org/solo' })
const both = sampleRecipe({ id: 'both', name: 'Both', repo: 'org/both', nodes: 2 })

function show(disks: Disk[], more: Partial<MenuInput> = {}) {
  const nothing = {
    lastLoaded: () => null,
    usual: () => null,
    fit: () => null,
    ended: () => null,
    now: Date.now(),
    services: [],
  }
  return menu({ disks, recipes: [solo, both], service, loaded: [], jobs: [], ...nothing, ...more })
}
const on = (host: string, ...repos: string[]) =>
  sampleDisk(
    host,
    repos.map((repo) => sampleFound(repo)),
  )

describe('menu()', () => {
  test('holds what is on some host; recipes without weights stand among the downloads', () => {
    const { models, downloads } = show([on('spark-1', 'org/solo'), on('spark-2')])
    expect(models.map(({ repo, state, reason }) => [repo, state, reason])).toEqual([['org/solo', 'ready', null]])
    expect(downloads.map(({ id }) => id)).toEqual(['both'])
  })

  test('says missing for a model that only another host has', () => {
    const { models } = show([on('spark-1'), on('spark-2', 'org/solo')])
    expect(models[0]).toMatchObject({
      state: 'missing',
      reason: 'is not on spark-1; download it there first',
      hosts: { 'spark-1': { state: 'missing' }, 'spark-2': { state: 'ready' } },
    })
  })

  test('wants a cluster launch whole on every one of its hosts', () => {
    const partial = sampleFound('org/both', { state: 'partial', problems: ['model.safetensors: is 1.0 GB short'] })
    const { models } = show([on('spark-1', 'org/both'), sampleDisk('spark-2', [partial])])
    expect(models[0]).toMatchObject({ state: 'partial' })
    expect(models[0]?.reason).toBe('is not whole on spark-2: model.safetensors: is 1.0 GB short; download it again')
  })

  test('says nothing against a model on a host that was not looked at yet', () => {
    expect(show([on('spark-1', 'org/both')]).models[0]).toMatchObject({ state: 'ready', reason: null })
  })

  test('shows what a script brings along, though it lies on no disk that is looked at', () => {
    const script = sampleRecipe({ id: 'mine', repo: 'org/mine', runtime: 'script' })
    const { models, downloads } = show([on('spark-1')], { recipes: [script] })
    expect(models[0]).toMatchObject({ repo: 'org/mine', state: 'ready', hosts: {}, reason: null, removable: false })
    expect(downloads).toEqual([])
  })

  test('asks nobody to set up what a service serves, or what drafts for another model', () => {
    const command = `vllm serve org/solo --speculative-config '{{"model": "org/drafter"}}'`
    const { models } = show([on('spark-1', 'org/bge', 'org/drafter', 'org/solo')], {
      recipes: [{ ...solo, command }],
      services: [{ title: 'Embeddings', model: 'org/bge' }],
    })
    const said = Object.fromEntries(models.map(({ repo, needs_setup, reason }) => [repo, [needs_setup, reason]]))
    expect(said['org/bge']).toEqual([false, 'is what Embeddings serves'])
    expect(said['org/drafter']).toEqual([false, 'is loaded beside Solo, which it drafts for'])
  })

  test('believes its own jobs about what grows', () => {
    const grows = sampleFound('org/solo', { state: 'downloading', problems: ['a: is missing'] })
    const state = (model: FoundModel, more: Partial<MenuInput>) =>
      show([sampleDisk('spark-1', [model])], more).models[0]?.state
    const job = { id: 'model-1', repo: 'org/solo', action: 'download' } as JobView
    expect(state(grows, {})).toBe('downloading')
    expect(state(grows, { ended: () => new Date().toISOString() })).toBe('partial')
    expect(state(grows, { ended: () => new Date().toISOString(), jobs: [job] })).toBe('downloading')
    expect(state({ ...grows, state: 'partial' }, { jobs: [job] })).toBe('downloading')
  })

  test('asks to set up what has no recipe', () => {
    const { models } = show([on('spark-1', 'org/unknown')])
    expect(models[0]).toMatchObject({ name: 'org/unknown', recipe: null, needs_setup: true })
    expect(models[0]?.reason).toBe('has no recipe yet; set it up first')
  })

  test('takes the recipe that is loaded, else the one loaded last, else one that runs here', () => {
    const recipes = ['first', 'second', 'third'].map((id) => sampleRecipe({ id, repo: 'org/solo', nodes: 1 }))
    const [first = solo, , third = solo] = recipes
    const disks = [on('spark-1', 'org/solo')]
    const taken = (more: Partial<MenuInput>) => show(disks, { recipes, ...more }).models[0]?.recipe
    expect(taken({ loaded: [{ repo: 'org/solo', recipe: third }] })).toBe('third')
    expect(taken({ lastLoaded: () => 'second' })).toBe('second')
    expect(taken({ recipes: [{ ...first, unrunnable: 'no' }, third] })).toBe('third')
    expect(taken({ recipes: [{ ...first, trusted: false }, third] })).toBe('third')
    expect(taken({})).toBe('first')
  })

  test('tells why a model that does not fit cannot be swapped to', () => {
    const fit = { fits: false, reason: 'needs 90 GiB on spark-1, 80 GiB would be free: 10 GiB too much' } as Fit
    const { models } = show([on('spark-1', 'org/solo')], { fit: () => fit })
    expect(models[0]?.reason).toBe('needs 90 GiB on spark-1, 80 GiB would be free: 10 GiB too much')
  })

  test('puts what is loaded first, then what can be swapped to', () => {
    const disks = [on('spark-1', 'org/unknown', 'org/solo', 'org/both'), on('spark-2', 'org/both')]
    const { models } = show(disks, { loaded: [{ repo: 'org/solo', recipe: solo }] })
    expect(models.map(({ repo }) => repo)).toEqual(['org/solo', 'org/both', 'org/unknown'])
  })
})
