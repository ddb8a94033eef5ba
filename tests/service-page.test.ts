import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { type TestCluster, testCluster } from './cluster'

let spark: TestCluster
let browser: Browser
const opened: Page[] = []
const complaints: string[] = []

setDefaultTimeout(60_000)

beforeAll(async () => {
  spark = await testCluster()
  const executablePath = process.env.CHROMIUM ?? Bun.which('chromium') ?? Bun.which('google-chrome')
  if (!executablePath) throw new Error('chromium: not found; install it or name it in CHROMIUM')
  browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu'] })
  await spark.settled()
  await spark.service('comfy', 'up')
  await spark.service('bot', 'up')
})

afterEach(async () => {
  for (const page of opened.splice(0)) await page.context().close()
  expect(complaints.splice(0)).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await spark?.stop()
})

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.setDefaultTimeout(25_000)
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(`${spark.url}${path}`)
  opened.push(page)
  return page
}

const print = (container: string, text: string) =>
  appendFileSync(join(spark.cluster.directory, 'hosts/spark-2/state/containers', container, 'log'), text)

test('a restart takes two taps, and every open page follows it to its end without a reload', async () => {
  const other = await open('/ui/services/comfy')
  const page = await open('/ui/services/comfy')
  await page.getByRole('link', { name: 'Restart' }).click()
  await page.getByRole('heading', { level: 1, name: 'Restart ComfyUI on spark-2?' }).waitFor()
  await page.getByRole('button', { name: 'Restart ComfyUI' }).click()
  for (const each of [page, other]) {
    const last = each.locator('#job-comfy')
    await last.getByText('Last action').waitFor()
    await last.getByText('Done', { exact: true }).first().waitFor()
    await each.getByRole('link', { name: 'Restart' }).waitFor()
  }
})

test('Do nothing does nothing', async () => {
  const { job: before } = await (await spark.ask('GET', '/api/services/embed')).json()
  const page = await open('/ui/services/embed/stop', { viewport: { width: 390, height: 800 } })
  await page.getByRole('link', { name: 'Do nothing' }).click()
  await page.getByRole('heading', { level: 1, name: 'Embeddings' }).waitFor()
  expect([before, (await (await spark.ask('GET', '/api/services/embed')).json()).state]).toEqual([null, 'up'])
})

test('the log is followed as it comes, and what a container prints stays text', async () => {
  const page = await open('/ui/services/comfy')
  const log = page.getByRole('group', { name: 'Log of ComfyUI' })
  print('comfyui', '\x1b[31m<img src=x onerror="document.title=1"><script>document.title=2</script>\x1b[0m\n')
  await log.getByText('<script>document.title=2</script>').waitFor()
  print('comfyui', 'the next line\n')
  await log.getByText('the next line').waitFor()
  expect(await log.locator('*').count()).toBe(0)
  expect(await page.title()).toBe('ComfyUI · demo')
})

test('without a script an action works, and the log is one click away', async () => {
  const page = await open('/ui/services/bot', { javaScriptEnabled: false })
  await page.getByRole('link', { name: 'Update' }).click()
  await page.getByRole('button', { name: 'Update Bot' }).click()
  await page.getByRole('heading', { level: 1, name: 'Bot' }).waitFor()
  expect(await page.getByRole('group', { name: 'Log of Bot' }).isVisible()).toBe(false)
  const path = (await page.getByRole('link', { name: 'on spark-2' }).getAttribute('href')) ?? ''
  expect(await (await spark.ask('GET', path)).text()).toContain('bot: Hello')
})

test('a phone never scrolls sideways on a service and its questions', async () => {
  const page = await open('/ui/services/comfy', { viewport: { width: 320, height: 700 } })
  for (const path of [
    '/ui/services/comfy',
    '/ui/services/bot',
    '/ui/services/comfy/restart',
    '/ui/services/llm/stop',
  ]) {
    await page.goto(`${spark.url}${path}`)
    expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, 320])
    const heights = await page
      .locator('button:visible, a.button:visible')
      .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height))
    expect([path, heights.filter((height) => height < 44)]).toEqual([path, []])
  }
})
