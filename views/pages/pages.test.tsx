/** @jsxImportSource #jsx */
import { expect, test } from 'bun:test'
import type { Html } from '../html'
import { sampleData, sampleService, sampleSwap } from '../page-data.sample'
import { elementsOf, hostile } from '../rendered.sample'
import { apiPage } from './api'
import { firstRunPage } from './first-run'
import { overviewPage } from './overview'
import { problemPage } from './problem'
import { servicePage } from './service'
import { swapPage } from './swap'

const endpoint = (word: string) => ({ method: 'POST', path: `/v1/${word}`, summary: word, curl: `curl ${word}` })
const swap = (word: string) => sampleSwap({ log_tail: [word], recipe: word, previous: word, id: word })
const failure = (word: string) => ({ message: word, code: word, remedy: word })

const pages: Record<string, (word: string) => Html> = {
  overview: (word) => overviewPage(sampleData({ name: word })),
  service: (word) => servicePage(sampleService({ title: word }), sampleData(), [endpoint(word)]),
  api: (word) => apiPage(sampleData(), [{ title: word, endpoints: [endpoint(word)] }]),
  problem: (word) => problemPage({ status: 404, title: word, text: word, remedy: word }),
  'running swap': (word) => swapPage(swap(word), sampleData()),
  'failed swap': (word) => swapPage({ ...swap(word), state: 'failed', error: failure(word) }, sampleData()),
  'first run': (word) => firstRunPage(sampleData({ findings: [{ text: word }], sshKeyLines: { a: word } })),
}

test.each(Object.keys(pages))(
  'the %s page is a whole document with language, title, main and a way past the menu',
  (name) => {
    const html = pages[name]?.('x') ?? ''
    const elements = elementsOf(html)
    const all = (tag: string) => elements.filter((element) => element.tag === tag)
    expect(String(html)).toStartWith('<!doctype html>')
    expect(all('html')[0]?.attributes.lang).toBe('en')
    expect([all('main').length, all('h1').length, all('title').length]).toEqual([1, 1, 1])
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
  const html = firstRunPage(data).value
  for (const words of ['spark.config.yaml:3:1', '1 problem to mend', '&lt;spark-2-ip&gt;', 'ssh-ed25519 AAAA control'])
    expect(html).toContain(words)
  expect(html.match(/ssh-ed25519/g)).toHaveLength(1)
})

test('the first page without problems and key yet still tells the steps', () => {
  const html = firstRunPage(sampleData({ sshKeyLines: {} })).value
  expect(html).not.toContain('to mend')
  expect(html).toContain('The key is not there yet')
})

test('the page of a running swap follows it and can cancel it; of one that ended it is a record', () => {
  const running = swapPage(sampleSwap(), sampleData()).value
  const ended = swapPage(sampleSwap({ state: 'done', ended_at: '2026-01-31T14:05:00Z' }), sampleData()).value
  expect([running.includes('/ui/swap/cancel'), running.includes('/ui/events')]).toEqual([true, true])
  expect([ended.includes('/ui/swap/cancel'), ended.includes('/ui/events')]).toEqual([false, false])
})
