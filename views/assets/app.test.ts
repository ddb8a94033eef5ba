import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { PageData } from '../page-data'
import { sampleData, sampleHost, sampleSwap } from '../page-data.sample'
import { overviewChanges, overviewPage, overviewParts } from '../pages/overview'
import { partial } from '../partial'
import { Notice } from '../parts/live'
import { hostile } from '../rendered.sample'

// A cold browser on a small machine takes longer than bun's five seconds.
setDefaultTimeout(30_000)

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
const htmx = join(import.meta.dir, '../../node_modules/htmx.org/dist')
const files: Record<string, string> = {
  '/vendor/htmx.min.js': join(htmx, 'htmx.min.js'),
  '/vendor/ext/hx-sse.min.js': join(htmx, 'ext/hx-sse.min.js'),
  '/assets/app.css': join(import.meta.dir, 'app.css'),
  '/assets/app.js': join(import.meta.dir, 'app.js'),
  '/assets/icon.svg': join(import.meta.dir, 'icon.svg'),
}

const fresh = (): PageData => ({ ...sampleData({}, { swap: sampleSwap() }), now: new Date().toISOString() })
const encoder = new TextEncoder()
const streams = new Set<ReadableStreamDefaultController<Uint8Array>>()
let data = fresh()
let posted: string[] = []
let refuseStream = false
let server: ReturnType<typeof serve>
let browser: Browser
let page: Page
let complaints: string[] = []

function serve(port: number) {
  return Bun.serve({ hostname: '127.0.0.1', port, idleTimeout: 0, fetch: answer })
}

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  const file = files[pathname]
  if (file) return new Response(Bun.file(file))
  if (request.method === 'POST') {
    posted.push(`${pathname} ${await request.text()}`)
    return new Response(String(partial('notice', Notice({ text: 'Locked by nightly.' }))), { status: 423 })
  }
  if (pathname === '/ui/events') return refuseStream ? new Response('', { status: 503 }) : stream()
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }
  return new Response(overviewPage(data).value, { headers })
}

function stream(): Response {
  let own: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      own = controller
      streams.add(controller)
      controller.enqueue(encoder.encode('event: tick\ndata: \n\n'))
    },
    cancel() {
      streams.delete(own)
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

function change(next: PageData) {
  const html = overviewChanges(overviewParts(data), overviewParts(next), next)
  data = next
  const frame = encoder.encode(`${html.replace(/^/gm, 'data: ')}\n\n`)
  for (const controller of streams) controller.enqueue(frame)
}

function withCluster(changes: Partial<PageData['cluster']>): PageData {
  return { ...data, cluster: { ...data.cluster, ...changes } }
}

async function open() {
  await page.goto(`http://127.0.0.1:${server.port}/`)
}

async function connected() {
  while (streams.size === 0) await Bun.sleep(20)
}

beforeAll(async () => {
  const executablePath = process.env.CHROMIUM ?? Bun.which('chromium') ?? Bun.which('google-chrome')
  if (!executablePath) throw new Error('chromium: not found; install it or name it in CHROMIUM')
  server = serve(0)
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
  browser = await chromium.launch({ executablePath, headless: true, args: [...args, ...quiet] })
})

beforeEach(async () => {
  await page?.close()
  for (const controller of streams) streams.delete(controller)
  ;[data, posted, complaints, refuseStream] = [fresh(), [], [], false]
  page = await browser.newPage()
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => complaints.push(dialog.message()))
})

afterAll(async () => {
  await browser?.close()
  await server?.stop(true)
})

test('a change arrives in its tile while what the reader opened stays open', async () => {
  await open()
  await connected()
  await page.locator('#host-spark-1').getByText('SSH key line').click()
  const gone = sampleHost({ state: 'unreachable', cause: 'no answer', remedy: 'look at the cable' })
  change(withCluster({ hosts: [gone, ...data.cluster.hosts.slice(1)] }))
  await page.getByRole('heading', { name: '1 thing needs you' }).waitFor()
  await page.locator('#host-spark-1').getByText('Unreachable', { exact: true }).waitFor()
  expect(
    await page
      .locator('#host-spark-1 details')
      .last()
      .evaluate((details) => details.hasAttribute('open')),
  ).toBe(true)
  expect(complaints).toEqual([])
})

test('a host that comes by a reload of the configuration gets its tile', async () => {
  await open()
  await connected()
  change(withCluster({ hosts: [...data.cluster.hosts, sampleHost({ id: 'spark.3', title: 'Spark 3' })] }))
  await page.getByRole('heading', { name: 'Spark 3' }).waitFor()
})

test('the log stays at its end as lines come, and where the reader scrolled to', async () => {
  await open()
  await connected()
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`)
  const log = page.locator('#swap-log')
  const fromEnd = () => log.evaluate((pre) => Math.round(pre.scrollHeight - pre.clientHeight - pre.scrollTop))
  change(withCluster({ swap: sampleSwap({ log_tail: lines(100) }) }))
  await log.getByText('line 99').waitFor()
  expect(await fromEnd()).toBeLessThan(8)
  await log.evaluate(async (pre) => {
    const scrolled = new Promise((resolve) => pre.addEventListener('scroll', resolve, { once: true }))
    pre.scrollTop = 0
    await scrolled
  })
  change(withCluster({ swap: sampleSwap({ log_tail: lines(120) }) }))
  await log.getByText('line 119').waitFor()
  expect(await log.evaluate((pre) => pre.scrollTop)).toBe(0)
})

test('ages go on without the server', async () => {
  data = withCluster({ hosts: [sampleHost({ seen_at: data.now })] })
  await open()
  await page
    .locator('#host-spark-1')
    .getByText(/seen [1-9]\d* s ago/)
    .waitFor()
})

test('a server that goes is told, and gone again when it is back', async () => {
  await open()
  await connected()
  const port = server.port ?? 0
  await server.stop(true)
  await page.locator('#lost').waitFor({ state: 'visible' })
  streams.clear()
  server = serve(port)
  await page.locator('#lost').waitFor({ state: 'hidden' })
  await connected()
  change(withCluster({ swap: null }))
  await page.locator('#swap-log').waitFor({ state: 'detached' })
})

test('a first connection that fails is told and tried again', async () => {
  refuseStream = true
  await open()
  await page.locator('#lost').waitFor({ state: 'visible' })
  refuseStream = false
  await page.locator('#lost').waitFor({ state: 'hidden' })
})

test('one click on Swap posts the recipe, and a refusal is told', async () => {
  data = withCluster({ swap: null })
  await open()
  await page.getByRole('button', { name: 'Swap to GPT-OSS 120B' }).click()
  await page.getByRole('alert').getByText('Locked by nightly.').waitFor()
  expect(posted).toEqual(['/ui/swap recipe=gpt-oss-120b'])
})

test('Cancel posts the job', async () => {
  await open()
  await page.getByRole('button', { name: 'Cancel: Qwen3 32B comes back' }).click()
  await page.getByRole('alert').getByText('Locked by nightly.').waitFor()
  expect(posted).toEqual(['/ui/swap/cancel job=019c-swap'])
})

test('Copy puts the line on the clipboard, also where the browser has no clipboard for scripts', async () => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
  await open()
  await page.evaluate(() => {
    document.addEventListener('copy', () => {
      document.title = getSelection()?.toString() ?? ''
    })
  })
  await page.locator('#host-spark-1').getByText('SSH key line').click()
  await page.getByRole('button', { name: 'Copy: SSH key line for Spark 1' }).click()
  await page.getByText('Copied').waitFor()
  expect(await page.title()).toBe('ssh-ed25519 AAAA control')
})

test('hostile names and log lines run nothing, neither in the page nor in a change', async () => {
  const evil = hostile.join('\n')
  data = { ...data, name: evil, recipes: data.recipes.map((recipe) => ({ ...recipe, name: evil })) }
  await open()
  await connected()
  const hosts = hostile.map((word, index) =>
    sampleHost({ id: `h${index}`, title: word, cause: word, state: 'refused' }),
  )
  change(withCluster({ hosts, swap: sampleSwap({ log_tail: hostile }) }))
  await page.locator('#host-h9').waitFor()
  change(withCluster({ hosts: hosts.toReversed(), swap: sampleSwap({ log_tail: hostile.toReversed() }) }))
  await page.locator('#host-h9 + #host-h8').waitFor()
  expect(await page.locator('main script, main img, main b, main i, main base').count()).toBe(0)
  expect(complaints).toEqual([])
})

test('the page can be read without scripts', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const plain = await context.newPage()
  await plain.goto(`http://127.0.0.1:${server.port}/`)
  await plain.getByRole('heading', { name: 'A swap is running' }).waitFor()
  expect(await plain.getByRole('button', { name: 'Copy', exact: false }).count()).toBe(0)
  await plain.getByRole('button', { name: 'Cancel: Qwen3 32B comes back' }).waitFor()
  await context.close()
})
