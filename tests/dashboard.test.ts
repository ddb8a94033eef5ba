import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { large, small, type TestCluster, testCluster } from './cluster'

setDefaultTimeout(60_000)

const names: Record<string, string> = { [small]: 'Llama 3.1 8B', [large]: 'Qwen3.6 35B A3B' }
// A name that is no localhost: over plain http a browser grants such a page no clipboard.
const lanName = 'spark.example.lan'
const folder = mkdtempSync(join(tmpdir(), 'dashboard-'))
let spark: TestCluster
let browser: Browser
let page: Page
let complaints: string[] = []
/** The recipe that is not loaded, and its name: what a test swaps to, without a swap back after it. */
let other = large
let otherName = ''

beforeAll(async () => {
  const config = (text: string) => `${text}guard: { allowed_hosts: [${lanName}] }\n`
  spark = await testCluster({ loaded: small, config })
  const executablePath = process.env.CHROMIUM ?? Bun.which('chromium') ?? Bun.which('google-chrome')
  if (!executablePath) throw new Error('chromium: not found; install it or name it in CHROMIUM')
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
  const resolver = [`--host-resolver-rules=MAP ${lanName} 127.0.0.1`]
  browser = await chromium.launch({ executablePath, headless: true, args: [...args, ...quiet, ...resolver] })
  await spark.settled(small)
})

beforeEach(async () => {
  // The page names a model as soon as it answers, which is before its swap has ended.
  const { swap } = (await (await spark.ask('GET', '/api/cluster')).json()) as { swap: { id: string } | null }
  if (swap) await spark.ended(swap.id)
  const { model } = (await (await spark.ask('GET', '/api/cluster')).json()) as { model: { recipe: string } | null }
  other = model?.recipe === large ? small : large
  otherName = names[other] ?? ''
  complaints = []
  page = await opened()
})

afterEach(async () => {
  await page.context().close()
  await spark.cluster.faults.clear()
  // Whatever a test did: no error, and nothing that the policy of the page forbids.
  expect(complaints).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await spark?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function opened(path = '/', options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options)
  const made = await context.newPage()
  made.setDefaultTimeout(25_000)
  made.on('console', (message) => complaints.push(message.text()))
  made.on('pageerror', (error) => complaints.push(error.message))
  await made.goto(`${spark.url}${path}`)
  return made
}

const title = (name: string) => page.getByRole('heading', { level: 1, name })
const swapTo = (name: string) => page.getByRole('button', { name: `Swap to ${name}`, exact: true })
const model = (on: Page = page) => on.locator('#model .name')
const bar = () => page.getByRole('progressbar')

async function modelBecomes(name: string, on: Page = page) {
  await model(on).filter({ hasText: name }).waitFor()
}

async function isLoading() {
  await page.locator('#swap li[aria-current=step]').getByText('Load the model').waitFor()
}

test('the page shows that all is fine, both Sparks up and the model that runs', async () => {
  await spark.load(small)
  await title('Everything is fine').waitFor()
  for (const host of spark.cluster.hosts) {
    const tile = page.getByRole('article', { name: host.id })
    await tile.getByText('Up', { exact: true }).waitFor()
    await tile.getByText(/[1-9][\d.]* of 121\.7 GiB used/).waitFor()
    await tile.getByText(/\d °C/).waitFor()
  }
  for (const service of ['llm', 'Embeddings', 'ComfyUI'])
    await page.getByRole('article', { name: service }).getByText('Up', { exact: true }).waitFor()
  await modelBecomes(names[small] ?? '')
})

test('one click swaps the model: the bar moves, and the name changes without a reload', async () => {
  await page.evaluate(() => Object.assign(window, { stillHere: true }))
  await swapTo(otherName).click()
  await title('A swap is running').waitFor()
  const share = () => bar().evaluate((element) => (element as HTMLProgressElement).value)
  await bar().waitFor()
  const first = await share()
  await page.waitForFunction((before) => (document.querySelector('progress')?.value ?? 100) > before, first)
  expect(await page.getByRole('button', { name: /^Swap to/, disabled: false }).count()).toBe(0)
  await modelBecomes(otherName)
  await page.locator('#swap > header').getByText('Done', { exact: true }).waitFor()
  await title('Everything is fine').waitFor()
  await page.getByRole('button', { name: `Unload ${otherName}` }).waitFor()
  expect(await page.evaluate(() => 'stillHere' in window)).toBe(true)
})

test('every open page follows, also one that was opened in the midst', async () => {
  const phone = await opened('/', { viewport: { width: 390, height: 800 } })
  await swapTo(otherName).click()
  await title('A swap is running').waitFor()
  const late = await opened()
  await late.getByRole('progressbar').waitFor()
  for (const each of [page, phone, late]) await modelBecomes(otherName, each)
  await phone.context().close()
  await late.context().close()
})

test('Cancel ends a swap that loads, and what ran before comes back', async () => {
  const before = (await model().first().textContent()) ?? ''
  await spark.cluster.faults.recipe(other, 'stall-at-load')
  await swapTo(otherName).click()
  await isLoading()
  await page.getByRole('button', { name: `Cancel: ${before} comes back` }).click()
  await page.locator('#swap > header').getByText('Cancelled', { exact: true }).waitFor()
  await page.locator('#swap').getByText(`${before} is loaded again.`).waitFor()
  await modelBecomes(before)
})

test('a swap that fails says why and what to do, with its log, and what ran before is back', async () => {
  const before = (await model().first().textContent()) ?? ''
  await spark.cluster.faults.recipe(other, 'fail-at-load')
  await swapTo(otherName).click()
  const ended = page.locator('#swap')
  await ended.getByRole('heading', { name: `Bringing back ${before}` }).waitFor()
  await ended.getByText(/ran out of memory/).waitFor()
  await ended.getByText('Failed, previous model is back', { exact: true }).waitFor()
  await ended.getByText(/ran out of memory/).waitFor()
  await ended.getByText('What to do:').waitFor()
  await ended.getByText('Last log lines').click()
  expect(await ended.locator('.log').textContent()).toContain('memory')
  await modelBecomes(before)
  await ended.getByRole('link', { name: 'Details' }).click()
  await title(`Swap to ${otherName}`).waitFor()
})

test('a second swap, asked for on a page that is old, is refused in words', async () => {
  await page.route('**/ui/events', (route) => route.abort())
  await page.reload()
  await spark.cluster.faults.recipe(other, 'stall-at-load')
  const job = await spark.start(other)
  await swapTo(otherName).click()
  await page.getByRole('alert').getByText('another swap is running').waitFor()
  await spark.ask('DELETE', `/api/swap/${job}`)
  await spark.ended(job)
  // The stream that was cut off on purpose is the only complaint.
  complaints = complaints.filter((each) => !each.includes('ERR_FAILED') && !each.includes('Failed to fetch'))
})

test('a host that is lost is told with its remedy, its services are not said to be stopped, and it comes back', async () => {
  await spark.load(small)
  await title('Everything is fine').waitFor()
  await spark.cluster.faults.host('spark-2', 'link-down', 60)
  const tile = page.getByRole('article', { name: 'spark-2' })
  await tile.getByText('Unreachable', { exact: true }).waitFor()
  await title('1 thing needs you').waitFor()
  await tile.getByText('What to do:').waitFor()
  await tile.getByText(/Figures as of .* not current/).waitFor()
  await page.getByRole('article', { name: 'Embeddings' }).getByText('Not known', { exact: true }).waitFor()
  await spark.cluster.faults.clear()
  await title('Everything is fine').waitFor()
})

test('the keyboard alone starts a swap', async () => {
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')
  await page.keyboard.press('Tab')
  expect(await focused()).toBe('Skip to the content')
  await page.keyboard.press('Enter')
  for (let presses = 0; presses < 100 && (await focused()) !== `Swap to ${otherName}`; presses++)
    await page.keyboard.press('Tab')
  expect(await focused()).toBe(`Swap to ${otherName}`)
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle)
  expect(outline).toBe('solid')
  await page.keyboard.press('Enter')
  await title('A swap is running').waitFor()
  await modelBecomes(otherName)
})

test('a phone never scrolls sideways, and every button is large enough for a thumb', async () => {
  await spark.cluster.faults.recipe(other, 'stall-at-load')
  const job = await spark.start(other)
  for (const width of [320, 390]) {
    const own = [
      '/ui/activity',
      '/ui/schedules',
      '/ui/coordination',
      '/ui/hosts/spark-1',
      '/ui/services/llm',
      `/ui/swap/${job}`,
    ]
    for (const path of ['/', '/ui/api', ...own, '/ui/services/none']) {
      await page.setViewportSize({ width, height: 700 })
      await page.goto(`${spark.url}${path}`)
      expect([path, width, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([
        path,
        width,
        width,
      ])
      const heights = await page
        .locator('button:visible, nav a:visible, summary:visible')
        .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height))
      expect([path, heights.filter((height) => height < 44)]).toEqual([path, []])
    }
  }
  await spark.ask('DELETE', `/api/swap/${job}`)
  await spark.ended(job)
  // The browser logs the 404 that was asked for.
  complaints = complaints.filter((each) => !each.includes('404'))
})

test('without JavaScript the page shows the same and its buttons work', async () => {
  const plain = await opened('/', { javaScriptEnabled: false })
  for (const role of ['heading', 'button', 'link', 'article'] as const) {
    // Copying is the one thing that needs a script.
    const told = async (of: Page) =>
      (await of.getByRole(role).allInnerTexts()).map((text) => text.split('\n')[0]).filter((text) => text !== 'Copy')
    expect([role, await told(plain)]).toEqual([role, await told(page)])
    expect((await told(plain)).length).toBeGreaterThan(1)
  }
  await plain.getByRole('button', { name: `Swap to ${otherName}`, exact: true }).click()
  await plain.getByRole('heading', { name: 'A swap is running' }).waitFor()
  expect(new URL(plain.url()).pathname).toBe('/')
  await modelBecomes(otherName)
  await plain.reload()
  expect(await model(plain).textContent()).toBe(otherName)
  await plain.context().close()
})

test('Copy works on plain http: the line can be pasted', async () => {
  await page.goto(`http://${lanName}:${spark.plane.server.port}/`)
  expect(await page.evaluate(() => window.isSecureContext)).toBe(false)
  const host = page.getByRole('article', { name: 'spark-1' })
  await host.getByText('SSH key line').click()
  await host.getByRole('button', { name: /^Copy/ }).click()
  await host.getByText('Copied').waitFor()
  await page.evaluate(() => document.querySelector('main')?.prepend(document.createElement('textarea')))
  await page.locator('textarea').click()
  await page.keyboard.press('Control+V')
  const { line } = (await (await spark.ask('GET', '/api/hosts/spark-1/ssh-key')).json()) as { line: string }
  expect(line).toContain('ssh-ed25519 ')
  expect(await page.locator('textarea').inputValue()).toBe(line)
  // The browser notes that this one header counts over https only.
  complaints = complaints.filter((each) => !each.startsWith('The Cross-Origin-Opener-Policy header has been ignored'))
})

test('a killed controller is told on the page, which heals by itself when it is back', async () => {
  const program = join(import.meta.dir, '../main.ts')
  const start = async (port: number) => {
    const options = ['--config', spark.cluster.configPath, '--data', join(folder, 'data'), '--port', String(port)]
    const running = Bun.spawn([process.execPath, program, 'serve', ...options], { stderr: 'ignore' })
    for await (const text of running.stdout.pipeThrough(new TextDecoderStream())) {
      const url = /ready (\S+)/.exec(text)?.[1]
      const kill = () => {
        running.kill('SIGKILL')
        return running.exited
      }
      if (url) return { url, kill }
    }
    throw new Error('serve: ended before it was ready')
  }
  const first = await start(0)
  await page.goto(first.url)
  await title('Everything is fine').waitFor()
  await first.kill()
  await page.locator('#lost').waitFor({ state: 'visible' })
  const second = await start(Number(new URL(first.url).port))
  await page.locator('#lost').waitFor({ state: 'hidden' })
  await title('Everything is fine').waitFor()
  await page.goto('about:blank')
  await second.kill()
  // The browser logs every request that met a dead server.
  complaints = complaints.filter((each) => !/ERR_|Failed to fetch|network error/.test(each))
})

test('every page has one title, its landmarks, names for all that can be used, and no id twice', async () => {
  await spark.swap(other)
  const { id } = (await (await spark.ask('GET', '/api/swap')).json()) as { id: string }
  const titles = new Set<string>()
  for (const path of [
    '/',
    '/ui/api',
    '/ui/models',
    '/ui/models?q=qwen',
    `/ui/recipes/${small}`,
    '/ui/models/setup?repo=BAAI%2Fbge-m3',
    '/ui/models/delete?repo=BAAI%2Fbge-m3',
    '/ui/activity',
    '/ui/schedules',
    '/ui/webhooks',
    '/ui/coordination',
    '/ui/lock/release',
    '/ui/hosts/spark-1',
    '/ui/services/llm',
    '/ui/services/embed',
    `/ui/swap/${id}`,
    '/ui/services/none',
  ]) {
    await page.goto(`${spark.url}${path}`)
    expect([path, await page.evaluate(wrongs)]).toEqual([path, []])
    titles.add(await page.title())
    for (const button of await page.getByRole('button').all())
      expect((await button.getAttribute('aria-label')) ?? (await button.textContent())).not.toBe('')
  }
  expect(titles.size).toBe(16)
  complaints = complaints.filter((each) => !each.includes('404'))
})

/** Runs in the page: what a reader by ear or by keyboard would stumble over. */
function wrongs(): string[] {
  const all = <E extends Element = HTMLElement>(selector: string) => [...document.querySelectorAll<E>(selector)]
  const found: string[] = []
  const one = (selector: string) => {
    if (all(selector).length !== 1) found.push(`${all(selector).length} × ${selector}`)
  }
  const once = ['h1', 'main', 'body > header', 'body > footer', 'body > header nav[aria-label]', 'html[lang]']
  for (const each of [...once, 'head > title']) one(each)
  const levels = all('h1, h2, h3, h4').map(({ tagName }) => Number(tagName[1]))
  levels.forEach((level, index) => {
    if (level - (levels[index - 1] ?? 0) > 1) found.push(`h${level} after h${levels[index - 1] ?? 0}`)
  })
  const ids = all('[id]').map(({ id }) => id)
  found.push(...ids.filter((each, index) => ids.indexOf(each) !== index).map((each) => `two #${each}`))
  for (const each of all('[aria-labelledby]'))
    if (!document.getElementById(each.getAttribute('aria-labelledby') ?? '')?.textContent?.trim())
      found.push(`${each.tagName}#${each.id}: its label is not there`)
  for (const each of all('progress, meter, [role=group], [role=region]'))
    if (!each.getAttribute('aria-label') && !each.getAttribute('aria-labelledby'))
      found.push(`${each.tagName}: no name`)
  for (const each of all<HTMLInputElement>('input:not([type=hidden]), select, textarea'))
    if (!each.labels?.length && !each.getAttribute('aria-label')) found.push(`${each.name}: no label`)
  for (const each of all('a, button, summary'))
    if (!each.textContent?.trim() && !each.getAttribute('aria-label')) found.push(`${each.outerHTML}: no name`)
  for (const each of all('svg'))
    if (each.getAttribute('aria-hidden') !== 'true' && !(each.role === 'img' && each.getAttribute('aria-label')))
      found.push('svg: is read aloud without words')
  for (const each of all('[tabindex]')) if (Number(each.getAttribute('tabindex')) > 0) found.push('tabindex above 0')
  return found
}
