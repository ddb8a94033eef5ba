import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { large, small, type TestCluster, testCluster } from './cluster'

setDefaultTimeout(60_000)

const names = { [small]: 'Llama 3.1 8B', [large]: 'Qwen3.6 35B A3B' }
const [smallName, largeName] = [names[small] ?? '', names[large] ?? '']
const told: string[] = []
const listener = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  async fetch(request) {
    told.push(((await request.json()) as { type: string }).type)
    return new Response(null, { status: 204 })
  },
})
let spark: TestCluster
let browser: Browser
let page: Page
let complaints: string[] = []

beforeAll(async () => {
  const config = (text: string) => `${text}webhooks: [{ url: "http://127.0.0.1:${listener.port}/x", secret: HOOK }]\n`
  spark = await testCluster({ loaded: small, config })
  const executablePath = process.env.CHROMIUM ?? Bun.which('chromium') ?? Bun.which('google-chrome')
  if (!executablePath) throw new Error('chromium: not found; install it or name it in CHROMIUM')
  browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu'] })
  await spark.settled(small)
})

beforeEach(async () => {
  const { swap } = (await (await spark.ask('GET', '/api/cluster')).json()) as { swap: { id: string } | null }
  if (swap) await spark.ended(swap.id)
  await spark.load(small)
  complaints = []
  page = await opened()
})

afterEach(async () => {
  await page.context().close()
  await spark.cluster.faults.clear()
  await spark.ask('DELETE', '/api/swap/lock?force=true')
  expect(complaints).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await spark?.stop()
  await listener.stop(true)
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

const button = (name: string | RegExp, on: Page = page) => on.getByRole('button', { name, exact: true })
const heading = (name: string) => page.getByRole('heading', { name })
const outcome = (text: string) => page.locator('#swap .outcome').getByText(text, { exact: true }).waitFor()
const modelIs = (name: string) => page.locator('#model .name').filter({ hasText: name }).waitFor()

async function takeLock(): Promise<void> {
  const lock = { holder: 'nightly', reason: 'compares models', ttl_s: 600 }
  expect((await spark.ask('POST', '/api/swap/lock', lock)).status).toBe(201)
}

test('a lock that an app takes pauses the buttons of an open page, names it, and its release gives them back', async () => {
  await button(`Swap to ${largeName}`).waitFor()
  await takeLock()
  await heading('Swaps are paused').waitFor()
  expect(await page.locator('#lock').textContent()).toMatch(/nightly holds the lock: compares models.*in \d+ min/)
  expect(await page.getByRole('button', { name: /^(Swap to|Unload)/, disabled: false }).count()).toBe(0)
  await page.getByRole('link', { name: 'Release anyway…' }).click()
  await heading('Release the lock of nightly?').waitFor()
  await button('Release the lock').click()
  await button(`Swap to ${largeName}`).waitFor()
  expect(await heading('Swaps are paused').count()).toBe(0)
  expect(await button(`Swap to ${largeName}`).isEnabled()).toBe(true)
  await page.goto(`${spark.url}/ui/activity`)
  await page.getByText(/lock of nightly was released by force/).waitFor()
})

test('the pages of models, of a recipe and of the service are paused by the lock while they are open', async () => {
  const paths = ['/ui/models', `/ui/recipes/${large}`, '/ui/services/llm']
  const pages = await Promise.all(paths.map((path) => opened(path)))
  for (const each of pages) await each.getByRole('heading', { level: 1 }).waitFor()
  await takeLock()
  for (const each of pages) {
    await each.getByRole('heading', { name: 'Swaps are paused' }).waitFor()
    expect(await each.getByRole('button', { name: /^(Swap to|Unload|Stop|Restart)/, disabled: false }).count()).toBe(0)
    await each.context().close()
  }
})

test('a person with an old page is refused while the lock is held', async () => {
  await page.route('**/ui/events', (route) => route.abort())
  await page.reload()
  await takeLock()
  await button(`Swap to ${largeName}`).click()
  await page
    .getByRole('alert')
    .getByText(/locked by nightly/)
    .waitFor()
  complaints = complaints.filter((each) => !each.includes('ERR_FAILED') && !each.includes('Failed to fetch'))
})

test('a lock that another has taken since the question is not released by its answer', async () => {
  await takeLock()
  await page.goto(`${spark.url}/ui/lock/release`)
  await spark.ask('DELETE', '/api/swap/lock?force=true')
  await spark.ask('POST', '/api/swap/lock', { holder: 'other', reason: 'work', ttl_s: 600 })
  await button('Release the lock').click()
  await page.getByText('other holds it now').waitFor()
  expect(await (await spark.ask('GET', '/api/swap/lock')).json()).toMatchObject({ holder: 'other' })
  complaints = complaints.filter((each) => !each.includes('409'))
})

test('a second cancel on the way back leaves no model, as its button says', async () => {
  await spark.cluster.faults.recipe(large, 'stall-at-load')
  await button(`Swap to ${largeName}`).click()
  await page.locator('#swap [aria-current=step]').getByText('Load the model').waitFor()
  await spark.cluster.faults.recipe(small, 'stall-at-load')
  await button(`Cancel: ${smallName} comes back`).click()
  await heading(`Bringing back ${smallName}`).waitFor()
  await page.locator('#swap [aria-current=step]').getByText('Load the model from before').waitFor()
  await button('Stop: no model is loaded afterwards').click()
  await page.locator('#swap > header').getByText('Cancelled', { exact: true }).waitFor()
  await outcome('No model is loaded now.')
  await modelIs('No model is loaded')
})

test('a swap whose way back fails too asks a person, who loads the model of before again', async () => {
  await spark.cluster.faults.recipe(large, 'fail-at-load')
  await spark.cluster.faults.recipe(small, 'fail-at-load')
  await button(`Swap to ${largeName}`).click()
  await page.locator('#swap > header').getByText('Needs you', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Choose what to load now' }).waitFor()
  for (const name of [`Load ${smallName} again`, `Load ${largeName} again`, 'Leave it empty'])
    await button(name).waitFor()
  await spark.cluster.faults.clear()
  await page.locator('#swap').getByRole('link', { name: 'Details' }).click()
  await button(`Load ${smallName} again`).click()
  await page.goto(spark.url)
  await modelIs(smallName)
  await page.locator('#swap > header').getByText('Done', { exact: true }).waitFor()
  expect(await page.getByRole('link', { name: 'Choose what to load now' }).count()).toBe(0)
})

test('what needs a person is settled by leaving it empty, without a script too', async () => {
  await spark.cluster.faults.recipe(large, 'fail-at-load')
  await spark.cluster.faults.recipe(small, 'fail-at-load')
  expect(await spark.swap(large)).toMatchObject({ state: 'needs_attention' })
  const plain = await opened('/', { javaScriptEnabled: false })
  await plain.getByRole('link', { name: 'Choose what to load now' }).waitFor()
  await button('Leave it empty', plain).click()
  const { id } = (await (await spark.ask('GET', '/api/swap')).json()) as { id: string }
  expect(await spark.ended(id)).toMatchObject({ state: 'done', recipe: null })
  await plain.goto(spark.url)
  for (const asks of [button('Leave it empty', plain), plain.getByRole('link', { name: 'Choose what to load now' })])
    expect(await asks.count()).toBe(0)
  await plain.context().close()
})

test('a schedule that an app adds appears on an open page, in the zone of whoever looks', async () => {
  const tomorrow = new Date(Date.now() + 24 * 3600_000).toISOString().slice(0, 10)
  const far = await opened('/', { timezoneId: 'Asia/Kolkata', locale: 'en-GB' })
  await far.getByText('Nothing is planned.').waitFor()
  const plan = { owner: 'nightly', title: 'Summaries', recipe: large, at: `${tomorrow}T12:00:00Z`, duration_s: 3600 }
  const { id } = (await (await spark.ask('POST', '/api/schedules', plan)).json()) as { id: string }
  await far.locator('#calendar').getByText('Summaries').waitFor()
  await far.locator('#calendar').getByText('17:30', { exact: true }).waitFor()
  await spark.ask('DELETE', `/api/schedules/${id}`)
  await far.getByText('Nothing is planned.').waitFor()
  await far.context().close()
})

test('a person plans a swap by the form, is told what is wrong with it, and deletes it again', async () => {
  await page.goto(`${spark.url}/ui/schedules`)
  await page.getByLabel('What for').fill('Maintenance')
  await page.getByLabel('Whose').fill('Alice')
  await page.getByLabel('When', { exact: true }).selectOption('cron')
  await page.getByLabel(/^Cron/).fill('0 3 31 2 *')
  await button('Add').click()
  await page
    .getByRole('alert')
    .getByText(/names a day that never comes/)
    .waitFor()
  expect(await page.getByLabel('What for').inputValue()).toBe('Maintenance')
  await page.getByLabel('When', { exact: true }).selectOption('daily')
  expect(await page.getByLabel(/^Cron/).isVisible()).toBe(false)
  await page.getByLabel('Time', { exact: true }).fill('03:15')
  await button('Add').click()
  const planned = page.locator('#schedules')
  await planned.getByText(/Every day at 03:15, /).waitFor()
  await planned.getByText('Delete…').click()
  await button('Delete Maintenance').click()
  await planned.getByText('None yet.').waitFor()
  complaints = complaints.filter((each) => !each.includes('422'))
})

test('the page of webhooks says why nothing is sent, and sends a test once it can', async () => {
  await page.getByRole('link', { name: 'webhooks and their deliveries' }).click()
  await page.locator('#targets').getByText(/HOOK/).first().waitFor()
  await page.locator('#targets').getByText('What to do:').waitFor()
  await spark.ask('PUT', '/api/secrets/HOOK', { value: `whsec_${btoa('a secret that is long enough')}` })
  await page.reload()
  await button(/^Send a test to /).click()
  await page.locator('#deliveries li').filter({ hasText: 'test' }).getByText('Delivered').first().waitFor()
  expect(told).toContain('test')
})
