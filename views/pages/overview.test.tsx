/** @jsxImportSource #jsx */
import { expect, test } from 'bun:test'
import { sampleMenuHost, sampleModel } from '../models.sample'
import type { PageData } from '../page-data'
import {
  sampleData,
  sampleFacts,
  sampleHost,
  sampleOccurrence,
  sampleRecipe,
  sampleService,
  sampleSwap,
} from '../page-data.sample'
import { elementsOf, hostile } from '../rendered.sample'
import { overviewChanges, overviewPage, overviewParts } from './overview'

const text = (data: PageData) =>
  overviewPage(data)
    .value.replace(/<\/?(time|a|strong)\b[^>]*>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
const running = sampleData({}, { swap: sampleSwap() })
const failed = sampleSwap({
  state: 'failed',
  ended_at: '2026-01-31T14:05:00Z',
  error: { message: 'It did not fit.', code: 'out_of_memory', remedy: 'Take a smaller one.' },
})

test('every block of the overview is in the page once, under its id', () => {
  const data = sampleData({}, { swap: failed })
  const ids = elementsOf(overviewPage(data)).flatMap(({ attributes }) => attributes.id ?? [])
  expect(ids).toEqual([...new Set(ids)])
  for (const [id, html] of Object.entries(overviewParts(data))) {
    expect(ids).toContain(id)
    expect(elementsOf(html)[0]?.attributes.id).toBe(id)
    expect(overviewPage(data).value).toContain(html.value)
  }
})

test('every label on the page points at an element that is there', () => {
  const elements = elementsOf(overviewPage(running))
  const ids = elements.map(({ attributes }) => attributes.id)
  for (const { attributes } of elements) {
    if (attributes['aria-labelledby']) expect(ids).toContain(attributes['aria-labelledby'])
    if (attributes['data-copy']) expect(ids).toContain(attributes['data-copy'])
  }
})

test('headings go down one level at a time and begin with one h1', () => {
  const levels = elementsOf(overviewPage(running)).flatMap(({ tag }) => (/^h[1-6]$/.test(tag) ? [Number(tag[1])] : []))
  expect(levels[0]).toBe(1)
  expect(levels.filter((level) => level === 1)).toHaveLength(1)
  levels.reduce((before, level) => {
    expect(level).toBeLessThanOrEqual(before + 1)
    return level
  })
})

test('one element holds the one live stream', () => {
  const streams = elementsOf(overviewPage(sampleData())).filter(({ attributes }) => 'hx-sse:connect' in attributes)
  expect(streams).toHaveLength(1)
  expect(streams[0]?.attributes).toMatchObject({
    'hx-sse:connect': '/ui/events',
    'hx-trigger': 'load, every 3s',
    'hx-swap': 'none',
  })
})

test('the page has no inline script, style or handler', () => {
  for (const { tag, attributes } of elementsOf(overviewPage(running))) {
    expect(tag).not.toBe('style')
    if (tag === 'script') expect(attributes.src).toMatch(/^\/(assets|vendor)\//)
    for (const name of Object.keys(attributes)) expect(name).not.toMatch(/^(style|on|hx-on|data-hx)/)
  }
})

test.each(hostile)('a hostile name or log line changes no tag and no attribute name: %p', (evil) => {
  const page = (word: string) => {
    const host = sampleHost({
      title: word,
      address: word,
      state: 'refused',
      cause: word,
      remedy: word,
      facts: sampleFacts({ vpn_address: word }),
    })
    const service = sampleService({ title: word, cause: word, facts: [{ label: word, value: word, unit: word }] })
    const model = sampleModel({
      name: word,
      description: word,
      repo: word,
      capabilities: [word],
      known_issue: word,
      state: 'partial',
      reason: word,
      hosts: { [word]: sampleMenuHost({ state: 'partial', problems: [word] }) },
    })
    const ready = sampleModel({ name: word, repo: `${word}/2`, recipes: ['qwen3-32b', 'b'], trusted: false })
    const swap = sampleSwap({
      log_tail: [word, word],
      phases: [{ name: word, state: 'running', started_at: word, ended_at: word, detail: word }],
      error: { message: word, code: word, remedy: word },
      state: 'failed',
    })
    const data = sampleData(
      {
        name: word,
        recipes: [sampleRecipe({ id: 'b', name: word, runnable: false, reason: word })],
        menu: { models: [model, ready], downloads: [] },
        sshKeyLines: { 'spark-1': word },
        findings: [{ text: word }],
        attention: [
          {
            severity: 'warning',
            subject: word,
            text: word,
            remedy: word,
            since: word,
            action: { label: word, path: '/x', fields: { word } },
          },
        ],
        slots: [{ id: 'llm', title: word }],
        queues: [{ recipe: word, waiting: 2, since: word, reason: word }],
        idle: { llm: word },
        calendar: [sampleOccurrence({ title: word, owner: word, recipe: word, begins: word, overlaps: [word] })],
      },
      {
        hosts: [host],
        services: [service, { ...service, id: 'llm', kind: 'vllm' }],
        models: [{ service: 'llm', recipe: word, repo: word, since: word }],
        swap,
        lock: { holder: word, reason: word, expires_at: word },
      },
    )
    return elementsOf(overviewPage(data)).map(({ tag, attributes }) => [tag, ...Object.keys(attributes)].join(' '))
  }
  expect(page(evil)).toEqual(page('harmless'))
})

const noModels = { recipes: [], menu: { models: [], downloads: [] } }

test('an empty cluster says what to do next in each block', () => {
  const nothing = sampleData({ ...noModels, sshKeyLines: {} }, { hosts: [], services: [], models: [], model: null })
  for (const words of [
    'No hosts yet',
    'No services yet',
    'No model is on the disks yet',
    'No model server is declared',
    'spark.config.yaml',
  ])
    expect(text(nothing)).toContain(words)
})

test('a cluster of which nothing is known claims nothing', () => {
  const facts = sampleFacts()
  const unknown = Object.fromEntries(Object.keys(facts).map((key) => [key, null]))
  const host = sampleHost({
    facts: { ...facts, ...unknown, seen_at: facts.seen_at, addresses: {}, network: {}, containers: [] },
    since: null,
    seen_at: null,
  })
  const service = sampleService({ kind: 'vllm', state: 'unknown', since: null, seen_at: null, facts: [] })
  const said = text(sampleData({}, { hosts: [host], services: [service], models: [], model: null }))
  expect(said).toContain('Memory: not known')
  expect(said).toContain('Not known which model runs')
  expect(said).toContain('never seen')
  expect(said).not.toMatch(/NaN|undefined|null|Invalid/)
})

test('the figures of a silent host are told as old, with their cause and remedy', () => {
  const host = sampleHost({
    state: 'unreachable',
    seen_at: '2026-01-31T14:03:20Z',
    cause: 'no answer',
    remedy: 'look at the cable',
    facts: sampleFacts({ seen_at: '2026-01-31T14:03:20Z' }),
  })
  const said = text(sampleData({}, { hosts: [host] }))
  expect(said).toMatch(/Figures as of 2 min ago, not current/)
  expect(said).toContain('look at the cable')
  expect(overviewPage(sampleData({}, { hosts: [host] })).value).toContain('hx-post="/ui/hosts/spark-1/connect"')
})

test('a model whose server is silent is the last one known, and none loaded is said only of a server seen empty', () => {
  const silent = sampleService({ id: 'llm', kind: 'vllm', state: 'unknown', seen_at: '2026-01-31T14:03:20Z' })
  expect(text(sampleData({}, { services: [silent] }))).toContain('This is the last that was known, as of 2 min ago')
  const none = { models: [], model: null }
  expect(text(sampleData({}, { ...none, services: [silent] }))).not.toContain('No model is loaded')
  const stopped = sampleService({ id: 'llm', kind: 'vllm', state: 'stopped' })
  expect(text(sampleData({}, { ...none, services: [stopped] }))).toContain('No model is loaded')
})

test('each runnable recipe has a Swap button that posts its id, the loaded one an Unload button', () => {
  const elements = elementsOf(overviewPage(sampleData()))
  const recipes = elements
    .filter(({ attributes }) => attributes.name === 'recipe')
    .map((input) => input.attributes.value)
  expect(recipes).toEqual(['', 'gpt-oss-120b'])
  expect(text(sampleData())).toMatch(/Unload Qwen3 32B .* Swap to GPT-OSS 120B/)
  for (const form of elements.filter(({ tag }) => tag === 'form'))
    expect(form.attributes).toMatchObject({ method: 'post', action: '/ui/swap', 'hx-post': '/ui/swap' })
})

test.each([
  ['a swap is running', { swap: sampleSwap() }, 'A swap is running, about 2 min left'],
  [
    'an app holds the lock',
    { lock: { holder: 'nightly', reason: 'summaries', expires_at: '2026-01-31T14:35:00Z' } },
    'Swaps are paused: nightly holds the lock and it ends in 29 min.',
  ],
])('no swap can be started while %s, and the page says why', (_, cluster, reason) => {
  const data = sampleData({}, cluster)
  const buttons = elementsOf(overviewParts(data).recipes ?? '').filter(({ tag }) => tag === 'button')
  expect(buttons.map(({ attributes }) => 'disabled' in attributes)).toEqual([true, true])
  expect(text(data)).toContain(reason)
})

test('before a disk was looked at no model is said to be missing', () => {
  const said = text(sampleData({ ...noModels, disks: [] }))
  expect(said).toContain('have not been looked at yet')
  expect(said).not.toContain('No model is on the disks')
})

test('a model that cannot be swapped to stands below the others and says why beside its disabled button', () => {
  const low = sampleModel({ name: 'Large', repo: 'a/large', recipe: 'large', reason: 'needs 8 Sparks, llm has 2' })
  const data = sampleData({ menu: { models: [sampleModel({ loaded: true }), low], downloads: [] } })
  expect(text(data)).toMatch(/Unload Qwen3 32B .*Not now .*Needs 8 Sparks, llm has 2\. .*Swap to Large/)
  expect(overviewPage(data).value).toMatch(/<button[^>]* disabled/)
})

test('a failed swap tells its cause, its remedy and its last log lines', () => {
  const said = text(sampleData({}, { swap: failed }))
  for (const words of ['It did not fit.', 'Take a smaller one.', 'loading checkpoint shard 6 of 15'])
    expect(said).toContain(words)
})

test('overviewChanges() sends the one block that changed, nothing for a mere second', () => {
  const data = sampleData()
  const hot = sampleHost({ facts: sampleFacts({ gpu_temperature_c: 99 }) })
  const hotter = sampleData({}, { hosts: [hot, ...data.cluster.hosts.slice(1)] })
  const later = { ...data, now: '2026-01-31T14:05:31Z' }
  const targets = (after: PageData) =>
    [...overviewChanges(overviewParts(data), overviewParts(after), after).matchAll(/hx-target="#([^"]+)"/g)].map(
      (match) => match[1],
    )
  expect(targets(later)).toEqual([])
  expect(targets(hotter)).toEqual(['host-spark-1'])
  expect(targets(sampleData({}, { hosts: data.cluster.hosts.slice(0, 1) }))[0]).toBe('overview')
})

test('a hidden or disabled service has no tile', () => {
  const services = [sampleService({ id: 'a', hidden: true }), sampleService({ id: 'b', disabled: true })]
  const ids = Object.keys(overviewParts(sampleData({}, { services })))
  expect(ids.filter((id) => id.startsWith('service-'))).toEqual([])
})
