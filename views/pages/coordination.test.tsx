/** @jsxImportSource #jsx */
import { expect, test } from 'bun:test'
import type { Html } from '../html'
import type { PageData } from '../page-data'
import { sampleData, sampleOccurrence, sampleRecipe, sampleService, sampleSwap } from '../page-data.sample'
import { calendarPart } from '../parts/calendar'
import { lockPart } from '../parts/lock'
import { modelPart } from '../parts/model'
import { queuePart } from '../parts/queue'
import { repeats } from '../parts/schedules'
import { statusPart } from '../parts/status'
import { swapPart } from '../parts/swap'
import { elementsOf } from '../rendered.sample'
import { coordinationPages, sampleDelivery } from './coordination-pages.sample'
import { overviewParts } from './overview'
import { releaseLockPage } from './release-lock'
import { serviceActionPage } from './service-action'
import { webhooksParts } from './webhooks'

const words = (html: Html | undefined) =>
  String(html)
    .replace(/<\/?(time|a|strong|span)\b[^>]*>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
const forms = (html: Html | undefined) => elementsOf(html ?? '').filter(({ tag }) => tag === 'form').length
const fields = (html: Html | undefined) =>
  elementsOf(html ?? '').flatMap(({ tag, attributes }) =>
    tag === 'input' ? [`${attributes.name}=${attributes.value}`] : [],
  )
const disabled = (html: Html | undefined) =>
  elementsOf(html ?? '').flatMap(({ tag, attributes }) => (tag === 'button' ? ['disabled' in attributes] : []))
const lock = { holder: 'nightly', reason: 'summaries', expires_at: '2026-01-31T14:35:00Z' }
const ended = (changes: Parameters<typeof sampleSwap>[0]) =>
  sampleSwap({ ended_at: '2026-01-31T14:05:00Z', ...changes })
const failure = { message: 'It ran out of memory.', code: 'out_of_memory', remedy: 'Take a smaller one.' }

test('the way back tells what comes back, why, and how to stop it', () => {
  const swap = sampleSwap({ phase: 'back_load', ending: 'failed', error: failure })
  const said = words(swapPart(sampleData({}, { swap })))
  expect(said).toContain('Bringing back Qwen3 32B')
  expect(said).toContain('Swap to GPT-OSS 120B failed: It ran out of memory.')
  expect(said).toContain('Stop: no model is loaded afterwards')
})

test('a phase is compared with what it usually takes', () => {
  const said = words(swapPart(sampleData({ usual: { stop: 25, load: 150 } }, { swap: sampleSwap() })))
  expect(said).toMatch(/20 s ?usually 25 s/)
  expect(said).toMatch(/1 min ?Loading the weights, 6 of 15 files · usually 2 min 30 s/)
})

test('a swap that could not be undone offers the model before, the wanted one, and none', () => {
  const swap = ended({ state: 'needs_attention', result: 'none', error: failure })
  const data = sampleData({}, { swap, models: [] })
  expect(fields(swapPart(data))).toEqual([
    ...['recipe=qwen3-32b', 'service=llm', 'again=true'],
    ...['recipe=gpt-oss-120b', 'service=llm', 'again=true'],
    ...['recipe=', 'service=llm', 'again=true'],
  ])
  expect(words(swapPart(data))).toMatch(/Load Qwen3 32B again .*Load GPT-OSS 120B again .*Leave it empty/)
  expect(disabled(swapPart({ ...data, cluster: { ...data.cluster, lock } }))).toEqual([true, true, true])
})

test('a swap that failed and left nothing offers what to load until something is', () => {
  const swap = ended({ state: 'failed', result: 'none', previous: null, error: failure })
  expect(forms(swapPart(sampleData({}, { swap, models: [] })))).toBe(1)
  expect(forms(swapPart(sampleData({}, { swap })))).toBe(0)
})

test('what needs a person leads to the choice, or has its one click', () => {
  const item = { severity: 'warning' as const, text: 'x', remedy: '', since: null }
  const action = { label: 'End it', path: '/ui/hosts/spark-1/end', fields: { container: 'a' } }
  const html = statusPart(
    sampleData({
      attention: [
        { ...item, subject: 'swap:1' },
        { ...item, subject: 'host:spark-1', action },
      ],
    }),
  )
  expect(elementsOf(html).find(({ tag }) => tag === 'a')?.attributes.href).toBe('#swap')
  expect(fields(html)).toEqual(['container=a'])
})

test('while somebody holds the lock every button that swaps is paused, and the page says who, why and until when', () => {
  const data = sampleData({}, { lock })
  const parts = overviewParts(data)
  expect(words(parts.lock)).toContain('nightly holds the lock: summaries.')
  expect(words(parts.lock)).toContain('It ends at 14:35 UTC (in 29 min)')
  expect(disabled(parts.recipes)).toEqual([true, true])
  const service = sampleService({ id: 'llm', kind: 'vllm' })
  const asked = (on: PageData) => serviceActionPage(service, { name: 'stop', effect: 'x' }, on)
  expect([disabled(asked(data)), disabled(asked(sampleData()))]).toEqual([[true], [false]])
})

test('the lock of a service that takes no models pauses nothing', () => {
  const page = serviceActionPage(sampleService(), { name: 'stop', effect: 'x' }, sampleData({}, { lock }))
  expect(disabled(page)).toEqual([false])
})

test('the question before a release is about the holder that it names, and gone with the lock', () => {
  expect(fields(releaseLockPage(sampleData({}, { lock })))).toEqual(['holder=nightly'])
  expect(forms(releaseLockPage(sampleData()))).toBe(0)
  expect(elementsOf(lockPart(sampleData()))).toEqual([{ tag: 'section', attributes: { id: 'lock', hidden: '' } }])
})

test('requests that run are counted beside each button that would end their model', () => {
  const parts = overviewParts(sampleData({ requests: { llm: 3 } }))
  expect(words(parts.recipes).match(/3 requests are running; they have 30 s to finish\./g)).toHaveLength(2)
  expect(words(overviewParts(sampleData({ requests: { llm: 1 } })).recipes)).toContain(
    '1 request is running; it has 30 s',
  )
  expect(words(overviewParts(sampleData()).recipes)).not.toContain('running')
})

test('with several services a model is swapped into the one that is chosen, and each is told by its title', () => {
  const slots = [
    { id: 'llm', title: 'Language model' },
    { id: 'llm-2', title: 'Small' },
  ]
  const data = sampleData({
    slots,
    recipes: [
      sampleRecipe({ loaded: true }),
      sampleRecipe({ id: 'gpt-oss-120b', name: 'GPT-OSS 120B', into: ['llm', 'llm-2'] }),
    ],
  })
  const options = elementsOf(overviewParts(data).recipes ?? '').filter(({ tag }) => tag === 'option')
  expect(options.map(({ attributes }) => attributes.value)).toEqual(['llm-2', 'llm'])
  const empty = sampleService({ id: 'llm-2', kind: 'vllm', title: 'Small', state: 'stopped' })
  const shown = words(modelPart(sampleData({ slots }, { services: [...data.cluster.services, empty] })))
  expect(shown).toContain('Language model, on Spark 1')
  expect(shown).toContain('Small: no model is loaded')
})

test('a recipe that fits into one of several services goes there without a question', () => {
  const slots = [
    { id: 'llm', title: 'Large' },
    { id: 'llm-2', title: 'Small' },
  ]
  const html = overviewParts(sampleData({ slots })).recipes
  expect(fields(html)).toContain('service=llm')
  expect(elementsOf(html ?? '').some(({ tag }) => tag === 'select')).toBe(false)
})

test('requests that wait for a model, and a model that nobody uses, are told with their times', () => {
  const queues = [{ recipe: 'gpt-oss-120b', waiting: 4, since: '2026-01-31T14:05:18Z', reason: 'the lock is held' }]
  const data = sampleData({ queues, idle: { llm: '2026-01-31T14:09:30Z' } })
  expect(words(queuePart(data))).toContain('4 requests wait for GPT-OSS 120B, the first since 12 s. The lock is held.')
  expect(words(modelPart(data))).toContain('unloads in 4 min unless it is used')
})

test('the calendar tells each day once, marks what falls together, and says when nothing is planned', () => {
  const calendar = [
    sampleOccurrence({ overlaps: ['Tests'] }),
    sampleOccurrence({ begins: '2026-02-01T03:00:00Z', ends: '2026-02-01T03:30:00Z', recipe: null, title: 'Rest' }),
    sampleOccurrence({ begins: '2026-02-02T01:30:00Z', ends: '2026-02-02T02:30:00Z' }),
  ]
  const html = calendarPart(sampleData({ calendar }))
  const told = elementsOf(html).filter(({ attributes }) => 'data-day' in attributes)
  expect(told.map(({ attributes }) => attributes.class)).toEqual([undefined, 'told', undefined])
  expect(words(html)).toMatch(/Sun 1 Feb .*01:30 UTC .*GPT-OSS 120B for 1 h .*At the same time as Tests/)
  expect(words(html)).toContain('no model for 30 min')
  expect(words(calendarPart(sampleData()))).toContain('Nothing is planned')
  expect(words(calendarPart(sampleData({ calendar: Array(40).fill(sampleOccurrence()) })))).toContain('And more.')
})

test.each([
  [null, 'Once'],
  ['30 2 * * *', 'Every day at 02:30'],
  ['5 14 * * 1-5', 'Monday to Friday at 14:05'],
  ['0 0 * * 7', 'Sundays at 00:00'],
  ['*/5 * * * *', 'By cron: */5 * * * *'],
  ['0 2 1 * *', 'By cron: 0 2 1 * *'],
])('repeats() of the cron %p is %p', (cron, text) => {
  expect(repeats({ cron })).toBe(text)
})

test('a delivery tells its attempts and can be sent again unless it arrived', () => {
  const attempts = [{ at: '2026-01-31T14:05:00Z', status: 500, ms: 40, error: 'it answered 500', next_at: null }]
  const parts = webhooksParts(
    { targets: [], deliveries: [sampleDelivery({ state: 'dead', attempts }), sampleDelivery({ id: 'delivery-2' })] },
    sampleData(),
  )
  expect(words(parts.deliveries)).toContain('1 attempt, the last: it answered 500')
  expect(fields(parts.deliveries)).toEqual(['id=delivery-1'])
})

test('a schedule can be deleted by its id', () => {
  expect(fields(coordinationPages.schedules?.('x'))).toContain('id=schedule-1')
})
