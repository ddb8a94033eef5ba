/** @jsxImportSource #jsx */
import { expect, test } from 'bun:test'
import type { LookView } from '../../core/discovery/look-view'
import type { Html } from '../html'
import { now, sampleData, sampleEvent, sampleFacts, sampleHost, sampleService, sampleSwap } from '../page-data.sample'
import { elementsOf, hostile } from '../rendered.sample'
import { activityPage } from './activity'
import { apiPage } from './api'
import { coordinationPages } from './coordination-pages.sample'
import { doctorPage } from './doctor'
import { acceptedPage, firstRunPage } from './first-run'
import { type HostPast, hostPage } from './host'
import { modelPages } from './model-pages.sample'
import { overviewPage } from './overview'
import { problemPage } from './problem'
import { type ServiceSubject, servicePage } from './service'
import { serviceActionPage } from './service-action'
import { swapPage } from './swap'

const endpoint = (word: string) => ({ method: 'POST', path: `/v1/${word}`, summary: word, curl: `curl ${word}` })
const swap = (word: string) => sampleSwap({ log_tail: [word], recipe: word, previous: word, id: word })
const failure = (word: string) => ({ message: word, code: word, remedy: word })

const past = (word: string): HostPast => ({
  week: {
    from: Date.parse(now) - 1000,
    to: Date.parse(now),
    pieces: [{ from: Date.parse(now) - 1000, to: Date.parse(now), state: word, cause: word }],
    up: 0.5,
    outages: 1,
    longest_s: 1,
    off_s: 0,
    watched_s: 86_400,
    unwatched_s: 0,
  },
  sparklines: [{ metric: 'm', label: word, unit: word, values: [1, null, 2] }],
  range: word,
  charts: [
    {
      metric: 'm',
      label: word,
      unit: word,
      points: [{ at: now, avg: 2, min: 1, max: 3 }],
      step_s: 60,
      from: Date.parse(now) - 1000,
      to: Date.parse(now),
    },
  ],
  events: [sampleEvent({ cause: word, state: word }), sampleEvent({ state: null, text: word, type: 'action' })],
})
const wordyHost = (word: string) =>
  sampleHost({
    title: word,
    state: 'unreachable',
    cause: word,
    facts: sampleFacts({
      kernel_trouble: [word],
      gpu_processes: [{ pid: 1, name: word, bytes: 1 }],
      addresses: { [word]: word },
      gpu_driver: word,
      containers: [
        {
          name: word,
          image: word,
          state: word,
          health: 'healthy',
          started_at: now,
          exit_code: 1,
          out_of_memory: false,
          crashed: true,
        },
      ],
    }),
  })

const sampleSubject = (word: string): ServiceSubject => ({
  service: sampleService({ title: word }),
  actions: ['restart'],
  job: { ...sampleSwap({ title: word, log_tail: [word], service: 'embed' }), kind: 'service' },
  container: word,
  user: word,
  endpoints: [endpoint(word)],
})

const noLook: LookView = { hosts: [], line: '', remarks: [], config: null }
const lookOf = (word: string, state: 'refused' | 'found'): LookView => ({
  hosts: [
    {
      id: 'spark-1',
      user: word,
      address: word,
      ssh_port: 2222,
      state,
      cause: word,
      remedy: word,
      fingerprint: word,
      ssh_line: word,
      found: {
        machine: word,
        hostname: word,
        launcher: word,
        fabric: word,
        docker: true,
        containers: [{ name: word, image: word, state: 'running' }],
        cache: { path: word, models: 2, bytes: 1 },
        engines: [{ engine: word, title: word, port: 1, container: word, models: [word] }],
      },
    },
  ],
  line: word,
  remarks: [word],
  config: state === 'found' ? word : null,
})

const pages: Record<string, (word: string) => Html> = {
  overview: (word) => overviewPage(sampleData({ name: word })),
  service: (word) => servicePage(sampleSubject(word), sampleData()),
  'service-action': (word) =>
    serviceActionPage(sampleService({ title: word }), { name: 'restart', effect: word }, sampleData()),
  host: (word) => hostPage(wordyHost(word), past(word), sampleData({ name: word })),
  activity: (word) =>
    activityPage({ events: past(word).events, next: '1-1', host: null, service: null, older: true }, sampleData()),
  api: (word) => apiPage(sampleData(), [{ title: word, endpoints: [endpoint(word)] }]),
  ...modelPages,
  ...coordinationPages,
  problem: (word) => problemPage({ status: 404, title: word, text: word, remedy: word }),
  'running swap': (word) => swapPage(swap(word), sampleData()),
  'failed swap': (word) => swapPage({ ...swap(word), state: 'failed', error: failure(word) }, sampleData()),
  'swap on its way back': (word) =>
    swapPage({ ...swap(word), phase: 'back_load', ending: 'failed', error: failure(word) }, sampleData()),
  'swap that needs a choice': (word) => {
    const job = { ...swap(word), state: 'needs_attention' as const, result: 'none' as const, error: failure(word) }
    return swapPage(job, sampleData({}, { swap: job, models: [] }))
  },
  'first run': (word) => firstRunPage(sampleData({ findings: [{ text: word }], sshKeyLines: { a: word } }), noLook),
  'refused addresses': (word) =>
    firstRunPage(sampleData(), noLook, { form: 'addresses', problems: [word], addresses: word, user: word }),
  'first run, waiting': (word) => firstRunPage(sampleData(), lookOf(word, 'refused')),
  'first run, found': (word) =>
    firstRunPage(sampleData(), lookOf(word, 'found'), { form: 'config', problems: [word], config: word }),
  'first run, accepted': (word) => acceptedPage(sampleData({ name: word })),
  'doctor at work': (word) => doctorPage(null, sampleData({ name: word })),
  doctor: (word) =>
    doctorPage(
      {
        ok: false,
        seen_at: now,
        checks: [
          { ok: false, subject: 'host:spark-1', id: 'x', text: word, remedy: `${word}: ${word}`, command: word },
          { ok: null, subject: 'service:y', id: 'x', text: word, remedy: word, command: null },
          { ok: true, subject: 'service:y', id: 'x', text: word, remedy: null, command: null },
        ],
      },
      sampleData(),
    ),
}

test.each(Object.keys(pages))(
  'the %s page is a whole document with language, title, main and a way past the menu',
  (name) => {
    const html = pages[name]?.('x') ?? ''
    const elements = elementsOf(html)
    const all = (tag: string) => elements.filter((element) => element.tag === tag)
    const head = String(html).slice(0, String(html).indexOf('<body'))
    expect(String(html)).toStartWith('<!doctype html>')
    expect(all('html')[0]?.attributes.lang).toBe('en')
    expect([all('main').length, all('h1').length, head.split('<title>').length - 1]).toEqual([1, 1, 1])
    expect(all('main')[0]?.attributes.id).toBe('main')
    expect(all('a')[0]?.attributes).toEqual({ class: 'skip', href: '#main' })
    const ids = elements.flatMap(({ attributes }) => attributes.id ?? [])
    expect(ids).toEqual([...new Set(ids)])
  },
)

test.each(Object.keys(pages))('hostile words change no tag and no attribute name of the %s page', (name) => {
  const shape = (word: string) =>
    elementsOf(pages[name]?.(word) ?? '').map(({ tag, attributes }) => [tag, ...Object.keys(attributes)].join(' '))
  for (const evil of hostile) expect(shape(evil)).toEqual(shape('harmless'))
})

test('the demo says on every page that nothing is real', () => {
  expect(apiPage(sampleData({ demo: true }), []).value).toContain('This is a demo')
  expect(apiPage(sampleData(), []).value).not.toContain('This is a demo')
})

test('the first page lists each problem, an example and the key line to paste', () => {
  const data = sampleData({ findings: [{ text: 'spark.config.yaml:3:1: hosts: missing; add one' }] })
  const html = firstRunPage(data, noLook).value
  for (const words of ['spark.config.yaml:3:1', '1 problem to mend', '&lt;spark-2-ip&gt;', 'ssh-ed25519 AAAA control'])
    expect(html).toContain(words)
  expect(html.match(/ssh-ed25519/g)).toHaveLength(1)
})

test('the first page without problems and key yet still tells the steps', () => {
  const html = firstRunPage(sampleData({ sshKeyLines: {} }), noLook).value
  expect(html).not.toContain('to mend')
  expect(html).toContain('The key is not there yet')
})

test('the page of a running swap follows it and can cancel it; of one that ended it is a record', () => {
  const running = swapPage(sampleSwap(), sampleData()).value
  const ended = swapPage(sampleSwap({ state: 'done', ended_at: '2026-01-31T14:05:00Z' }), sampleData()).value
  expect([running.includes('/ui/swap/cancel'), running.includes('/ui/events')]).toEqual([true, true])
  expect([ended.includes('/ui/swap/cancel'), ended.includes('/ui/events')]).toEqual([false, false])
})
