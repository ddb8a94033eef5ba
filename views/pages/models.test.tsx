import { expect, test } from 'bun:test'
import { sampleRecipe } from '../../core/models/recipe.sample'
import { sampleDisk, sampleFit, sampleMenuHost, sampleModel } from '../models.sample'
import type { PageData } from '../page-data'
import { sampleData, sampleTransfer } from '../page-data.sample'
import { changes } from '../partial'
import { elementsOf } from '../rendered.sample'
import { deleteModelPage } from './delete-model'
import { type ModelsSubject, modelsPage, modelsParts } from './models'
import { overviewPage } from './overview'

const nothing: ModelsSubject = { ended: [], sources: [], token: null }
const words = (html: { value: string }) =>
  html.value
    .replace(/<\/?(time|a|strong|span|code)\b[^>]*>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll('&#39;', "'")
const text = (data: PageData, subject = nothing) => words(modelsPage(subject, null, data))
const withModels = (...models: ReturnType<typeof sampleModel>[]) => sampleData({ menu: { models, downloads: [] } })
const forms = (html: { value: string }, action: string) =>
  elementsOf(html.value).filter(({ tag, attributes }) => tag === 'form' && attributes.action === action)

test('a model is told with its size on each host, its fit and the room on the disks', () => {
  const model = sampleModel({
    hosts: { 'spark-1': sampleMenuHost(), 'spark-2': sampleMenuHost({ state: 'missing', bytes: 0, complete: false }) },
  })
  const said = text(withModels(model))
  expect(said).toMatch(/Spark 1 1\.2 TiB of 3\.6 TiB free, looked at 20 s ago/)
  expect(said).toMatch(/Ready Spark 1 ?33\.0 GiB .*Not there Spark 2/)
  expect(said).toContain('needs 48.0 of 119.7 GiB, measured')
})

test('what is not whole says which file, and offers to finish it', () => {
  const problems = ['model-00002-of-00005.safetensors: is 3.1 GB short']
  const model = sampleModel({
    state: 'partial',
    reason: 'is not whole on Spark 1',
    hosts: { 'spark-1': sampleMenuHost({ state: 'partial', bytes: 30 * 2 ** 30, problems }) },
  })
  for (const page of [modelsPage(nothing, null, withModels(model)), overviewPage(withModels(model))]) {
    expect(words(page)).toContain(problems[0] ?? '')
    expect(words(page)).toContain('30.0 of 33.0 GiB')
    expect(forms(page, '/ui/models/download').length).toBeGreaterThan(0)
  }
})

test('a model that does not fit says in one line by how much, what would help, and that this is estimated', () => {
  const host = { ...sampleFit().hosts['spark-1'], needs_bytes: 1, room_bytes: 1, short_bytes: 11 * 2 ** 30 }
  const fit = sampleFit({
    fits: false,
    reason: 'needs 122 GiB on spark-1, 111 GiB would be free',
    remedies: ['stop ComfyUI (9 GiB)'],
    hosts: { 'spark-1': { weights_bytes: null, kv_bytes: null, overhead_bytes: null, ...host } },
    basis: 'estimated',
  })
  const page = overviewPage(withModels(sampleModel({ fit, reason: fit.reason })))
  expect(words(page)).toContain('11.0 GiB too much, estimated: stop ComfyUI (9 GiB)')
  expect(words(page)).not.toContain('122 GiB')
})

test('a running download shows its bar, bytes, rate and time left on both pages, with one Cancel of its job', () => {
  const job = sampleTransfer()
  const model = sampleModel({ state: 'downloading', reason: 'is being downloaded on Spark 1', job: job.id })
  const data = { ...withModels(model), jobs: [job] }
  for (const page of [overviewPage(data), modelsPage(nothing, null, data)]) {
    expect(words(page)).toContain('24.2 of 60.8 GiB')
    expect(words(page)).toContain('110 MiB/s, about 6 min left')
    expect(forms(page, '/ui/models/cancel').length).toBeGreaterThan(0)
    expect(page.value).toContain(`value="${job.id}"`)
  }
  expect(words(modelsPage(nothing, null, data))).toContain('Download to Spark 1: 3 of 15 files')
})

test('a download whose first bytes no disk has shown yet has its bar on the overview all the same', () => {
  const page = overviewPage({ ...withModels(), jobs: [sampleTransfer()] })
  expect(words(page)).toContain('24.2 of 60.8 GiB')
  expect(forms(page, '/ui/models/cancel')).toHaveLength(1)
})

test('a download whose size nobody tells claims no share', () => {
  const job = sampleTransfer({
    progress: 0,
    eta_s: null,
    transfer: { done_bytes: 2 ** 30, total_bytes: null, bytes_s: null },
  })
  const page = modelsPage(nothing, null, sampleData({ jobs: [job] }))
  expect(words(page)).toContain('1.0 GiB so far, its size is not known')
  expect(elementsOf(page).find(({ tag }) => tag === 'progress')?.attributes).not.toHaveProperty('value')
})

test('a download that failed says why, what to do, and can go on', () => {
  const error = { message: 'the disk of Spark 1 is full', code: 'disk_full', remedy: 'delete a model' }
  const job = sampleTransfer({ state: 'failed', ended_at: '2026-01-31T14:00:00Z', error })
  const said = text(sampleData(), { ...nothing, ended: [job] })
  for (const each of ['Last downloads and deletes', 'Failed', error.message, error.remedy, 'Try again'])
    expect(said).toContain(each)
})

test('a model without a recipe is set up, one with foreign commands reviewed, before there is a Swap button', () => {
  const unset = sampleModel({
    repo: 'a/new',
    recipe: null,
    recipes: [],
    needs_setup: true,
    reason: 'has no recipe yet',
  })
  const foreign = sampleModel({ repo: 'a/foreign', recipe: 'foreign', recipes: ['foreign'], trusted: false })
  const page = overviewPage(withModels(unset, foreign))
  const links = elementsOf(page).flatMap(({ attributes }) =>
    attributes.class === 'button quiet' ? attributes.href : [],
  )
  expect(links).toEqual(['/ui/recipes/foreign', '/ui/models/setup?repo=a%2Fnew'])
  expect(forms(page, '/ui/swap')).toEqual([])
})

test('many models that cannot be swapped to are folded away, unless something happens to one of them', () => {
  const many = Array.from({ length: 9 }, (_, index) => sampleModel({ repo: `a/${index}`, reason: 'is too large' }))
  expect(words(overviewPage(withModels(...many)))).toContain("9 more on the disks that can't be swapped to now")
  const [first = sampleModel(), ...rest] = many
  const busy = overviewPage(withModels({ ...first, job: 'model-1' }, ...rest))
  expect(words(busy)).toContain('Not now')
})

test('what can be downloaded stands once a model, near recipes first and those of each other source on demand', () => {
  const recipe = (id: string, repo: string, source: string) => sampleRecipe({ id, repo, source, name: id })
  const downloads = [
    recipe('a', 'org/a', 'shipped'),
    recipe('a2', 'org/a', 'shipped'),
    recipe('b', 'org/b', 'launcher:spark-1'),
  ]
  const sources = [
    { name: 'launcher:spark-1', title: 'spark-vllm-docker on Spark 1', problem: 'cannot be read', notes: [] },
  ]
  const data = sampleData({ menu: { models: [], downloads } })
  const page = modelsPage({ ...nothing, sources }, null, data)
  expect(forms(page, '/ui/models/download')).toHaveLength(3)
  expect(words(page)).toContain('Other recipes for it: a2')
  expect(words(page)).toContain('spark-vllm-docker on Spark 1: 1 model')
  expect(words(page)).toContain('spark-vllm-docker on Spark 1: cannot be read')
  expect(elementsOf(page).filter(({ tag }) => tag === 'details')).toHaveLength(1)
})

const hostsOf = (page: Parameters<typeof elementsOf>[0]) =>
  elementsOf(page).find(({ attributes }) => attributes.name === 'hosts')?.attributes.value

test('a loaded model offers no Delete, and the question before one names hosts, bytes and what stays', () => {
  const loaded = text(withModels(sampleModel({ loaded: true })))
  expect(loaded).toContain('To delete it, unload it first.')
  expect(loaded).not.toContain('Delete…')
  const page = deleteModelPage(sampleModel(), null, sampleData())
  expect(words(page)).toMatch(/Delete Qwen3 32B from Spark 1 and Spark 2\? .*Spark 1: 33\.0 GiB .*Its recipe stays/)
  expect(forms(page, '/ui/models/delete')).toHaveLength(1)
  expect(hostsOf(page)).toBe('spark-1,spark-2')
  const refused = deleteModelPage(sampleModel(), 'it is loaded', sampleData())
  expect(words(refused)).toContain("It can't be deleted now: it is loaded")
  expect(forms(refused, '/ui/models/delete')).toEqual([])
})

test('a delete is asked for on the Sparks that the page names, and what stays elsewhere is told', () => {
  const { cluster, ...data } = sampleData()
  const hosts = cluster.hosts.map((host) => (host.id === 'spark-2' ? { ...host, state: 'unreachable' as const } : host))
  const silent = deleteModelPage(sampleModel(), null, { ...data, cluster: { ...cluster, hosts } })
  expect(words(silent)).toContain("It stays on Spark 2, which can't be reached now.")
  expect(hostsOf(silent)).toBe('spark-1')
  const shared = deleteModelPage(sampleModel(), null, sampleData(), { 'spark-1': '/srv/shared/hub' })
  expect(words(shared)).toContain('It stays on Spark 1 in /srv/shared/hub, which is not the cache of its login.')
  expect(hostsOf(shared)).toBe('spark-2')
  const nowhere = deleteModelPage(sampleModel(), null, sampleData(), { 'spark-1': '/srv/hub', 'spark-2': '/srv/hub' })
  expect(words(nowhere)).toContain("It can't be deleted now: it lies in /srv/hub on Spark 1")
  expect(forms(nowhere, '/ui/models/delete')).toEqual([])
})

test('a token can be set where the configuration names one, and is never shown', () => {
  const page = modelsPage({ ...nothing, token: { name: 'HF_TOKEN', set: true } }, null, sampleData())
  const field = elementsOf(page).find(({ attributes }) => attributes.name === 'token')
  expect(field?.attributes).toMatchObject({ type: 'password', autocomplete: 'off' })
  expect(field?.attributes).not.toHaveProperty('value')
  expect(words(page)).toContain('One is set.')
  expect(forms(modelsPage(nothing, null, sampleData()), '/ui/models/token')).toEqual([])
})

test.each([
  ['no host', { hosts: [] }, [], 'No hosts yet'],
  ['no look yet', {}, [], 'have not been looked at yet'],
  ['nothing found', {}, [sampleDisk()], 'No model was found on any disk'],
])('with %s the page says what to do next', (_, cluster, disks, said) => {
  const data = sampleData({ menu: { models: [], downloads: [] }, disks }, cluster)
  expect(text(data)).toContain(said)
})

test('an open page is sent the block that changed, and never the form that is being typed into', () => {
  const data = sampleData()
  const after = { ...data, jobs: [sampleTransfer()] }
  const [was, is] = [modelsParts(nothing, data), modelsParts(nothing, after)]
  expect(changes(was, modelsParts(nothing, { ...data, now: '2026-01-31T14:05:31Z' }))).toBe('')
  expect(changes(was, is)).toContain('hx-target="#transfers"')
  expect(changes({}, is)).not.toContain('id="repo"')
})
