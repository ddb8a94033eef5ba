import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { stringify } from 'yaml'
import { usablePort } from '../demo/machine/ports'
import { type TestCluster, testCluster } from './cluster'

// Shares of a Spark's memory: two small ones fit beside each other, the large one beside none of them.
const models = {
  first: ['nvidia/Llama-3.1-8B-Instruct-FP8', 0.25],
  second: ['Qwen/Qwen3-8B', 0.25],
  large: ['nvidia/Qwen3.6-35B-A3B-NVFP4', 0.8],
} as const
const folder = mkdtempSync(join(tmpdir(), 'spark-several-page-'))
let spark: TestCluster
let browser: Browser
let page: Page
const complaints: string[] = []

setDefaultTimeout(60_000)

beforeAll(async () => {
  for (const [id, [model, share]] of Object.entries(models)) {
    const command = `vllm serve ${model} --port {port} --gpu-memory-utilization ${share} --max-model-len 8192`
    const own = id === 'second' ? { spark_control: { on_demand: true, idle_unload_s: 600 } } : {}
    const recipe = { recipe_version: '1', name: `The ${id}`, model, container: 'vllm-node', command, ...own }
    writeFileSync(join(folder, `${id}.yaml`), stringify(recipe))
  }
  spark = await testCluster({ hosts: 1, recipes: folder, config: withSide })
  const executablePath = process.env.CHROMIUM ?? Bun.which('chromium') ?? Bun.which('google-chrome')
  if (!executablePath) throw new Error('chromium: not found; install it or name it in CHROMIUM')
  browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu'] })
  await spark.settled()
  await spark.swap('first')
  page = await browser.newPage()
  page.setDefaultTimeout(25_000)
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(spark.url)
})

afterEach(() => {
  expect(complaints.splice(0)).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await spark?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function withSide(text: string): Promise<string> {
  const address = /address: ([\d.]+)/.exec(text)?.[1] ?? ''
  const side = `  side: { kind: vllm, title: Side, host: spark-1, port: ${await usablePort(address, 0)}, container: side }\n`
  return text.replace(/^ {2}embed:/m, `${side}  embed:`)
}

const names = () => page.locator('#model .name').allTextContents()
const swapDone = () => page.locator('#swap > header').getByText('Done', { exact: true }).waitFor()

test('a model goes into the service that is chosen, and each service has its line', async () => {
  await page.locator('#model .name').getByText('The first').waitFor()
  expect(await names()).toEqual(['The first', 'Side: no model is loaded'])
  const card = page.locator('#recipes li').filter({ hasText: 'The second' })
  await card.getByText('loads on request').waitFor()
  // The one that is empty is offered first.
  const choice = card.getByLabel('Where: Swap to The second')
  expect(await choice.locator('option').allTextContents()).toEqual(['into Side', 'into llm'])
  await choice.selectOption('side')
  await card.getByRole('button', { name: 'Swap to The second' }).click()
  await page.locator('#model .name').getByText('The second').waitFor()
  await swapDone()
  expect(await names()).toEqual(['The first', 'The second'])
  await page
    .locator('#model')
    .getByText(/unloads in \d+ min unless it is used/)
    .waitFor()
})

test('before other models end a person is asked, with their names', async () => {
  const card = page.locator('#recipes li').filter({ hasText: 'The large' })
  await card.getByText('Other models would have to end first').waitFor()
  await card.getByLabel('Where: Swap to The large').selectOption('llm')
  await card.getByRole('button', { name: 'Swap to The large' }).click()
  await page.getByRole('heading', { name: 'End other models to load The large?' }).waitFor()
  expect(await page.locator('.plain li').allTextContents()).toEqual(['The first on llm', 'The second on Side'])
  await page.getByRole('link', { name: 'Do nothing' }).click()
  expect(await names()).toEqual(['The first', 'The second'])
  await card.getByLabel('Where: Swap to The large').selectOption('llm')
  await card.getByRole('button', { name: 'Swap to The large' }).click()
  await page.getByRole('button', { name: 'End them and load The large' }).click()
  await page.locator('#swap').getByText('To make room, this ends: The second.').waitFor()
  await page.locator('#model .name').getByText('The large').waitFor()
  await swapDone()
  await page.locator('#model .name').getByText('Side: no model is loaded').waitFor()
  expect(await names()).toEqual(['The large', 'Side: no model is loaded'])
})

test('requests that wait for a model are told while they wait', async () => {
  await spark.ask('POST', '/api/swap/lock', { holder: 'nightly', reason: 'work', ttl_s: 600 })
  const asked = { model: 'second', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 4 }
  const gone = new AbortController()
  const waiting = fetch(`${spark.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(asked),
    signal: gone.signal,
  }).catch(() => null)
  await page
    .locator('#queue')
    .getByText(/1 request waits for The second, since \d+ s\./)
    .waitFor()
  gone.abort()
  await waiting
  await page.locator('#queue').waitFor({ state: 'hidden' })
})
