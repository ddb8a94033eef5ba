import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { licensedToken } from '../demo/hub'
import { small, type TestCluster, testCluster, until } from './cluster'

setDefaultTimeout(60_000)

const loadedName = 'Llama 3.1 8B'
// In a plain folder of the first Spark from the start, and in no catalogue.
const homemade = 'acme/support-8b'
// In the hub of the demo, on no Spark.
const remote = 'openai/gpt-oss-20b'
const remoteName = 'gpt-oss 20B'
const foreign = `recipe_version: "1"
name: From elsewhere
model: nvidia/Qwen3.6-27B-NVFP4
container: vllm-node
solo_only: true
defaults: { port: 8000, tensor_parallel: 1 }
command: vllm serve nvidia/Qwen3.6-27B-NVFP4 --port {port} -tp {tensor_parallel} --marker-of-a-stranger
`

let spark: TestCluster
let browser: Browser
const opened: Page[] = []
let complaints: string[] = []

beforeAll(async () => {
  spark = await testCluster({
    loaded: small,
    config(text, { directory }) {
      const folder = join(directory, 'hosts/spark-1/home/spark-vllm-docker/recipes')
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'from-elsewhere.yaml'), foreign)
      return text
    },
  })
  const executablePath = process.env.CHROMIUM ?? Bun.which('chromium') ?? Bun.which('google-chrome')
  if (!executablePath) throw new Error('chromium: not found; install it or name it in CHROMIUM')
  browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu'] })
  await spark.settled(small)
  await until('both disks and the foreign recipe to be seen', async () => {
    const { models } = (await (await spark.ask('GET', '/api/models')).json()) as { models: { hosts: object }[] }
    const { recipes } = (await (await spark.ask('GET', '/api/recipes')).json()) as { recipes: { id: string }[] }
    const seen = models.some(({ hosts }) => Object.keys(hosts).length === 2)
    return seen && recipes.some(({ id }) => id === 'from-elsewhere') ? true : null
  })
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

const title = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name })
const onDisk = (page: Page, name: string) => page.locator('#on-disk li', { has: page.getByRole('heading', { name }) })
const canLoad = (page: Page, name: string) =>
  page.locator('#downloads li', { has: page.getByRole('heading', { name, exact: true }) })

test('a model without a recipe is set up: each setting has its reason, a mistake is told at its line, nothing is lost', async () => {
  const page = await open('/ui/models')
  await page.getByRole('link', { name: `Set up: ${homemade}` }).click()
  await title(page, 'Set up support-8b').waitFor()
  const setting = page.getByRole('row', { name: /--max-model-len/ })
  expect(await setting.innerText()).toContain('40960')
  const recipe = page.getByLabel('Recipe', { exact: true })
  const text = await recipe.inputValue()
  expect(text).toContain(`model: ${homemade}`)
  await recipe.fill(`# mine\n${text}\nspark_control: { capabilities: [flying] }\n`)
  await page.getByRole('button', { name: 'Confirm this recipe' }).click()
  await page
    .getByRole('alert')
    .getByText(/support-8b\.yaml:\d+:\d+: /)
    .first()
    .waitFor()
  expect(await recipe.inputValue()).toStartWith('# mine\n')
  await recipe.fill(`# mine\n${text}`)
  await page.getByRole('button', { name: 'Confirm this recipe' }).click()
  await title(page, 'support-8b').waitFor()
  expect(new URL(page.url()).pathname).toBe('/ui/recipes/support-8b')
  await page.getByRole('button', { name: 'Swap to support-8b', disabled: false }).waitFor()
  await page.getByText('# mine').waitFor()
  await page.goto(`${spark.url}/`)
  await page.getByRole('button', { name: 'Swap to support-8b', exact: true }).waitFor()
  // The browser logs the answer that refused the mistake.
  complaints = complaints.filter((each) => !each.includes('422'))
})

test('a short name that another recipe has is refused, and what was typed stays', async () => {
  const page = await open('/ui/models/setup?repo=BAAI%2Fbge-m3')
  await page.getByLabel('Short name of the recipe').fill(small)
  await page.getByRole('button', { name: 'Confirm this recipe' }).click()
  await page.getByRole('alert').getByText(`${small} is the recipe of`).waitFor()
  expect(await page.getByLabel('Short name of the recipe').inputValue()).toBe(small)
  complaints = complaints.filter((each) => !each.includes('409'))
})

test('a model is downloaded with one click: every open page shows its bytes, and then that it is there', async () => {
  const pages = [await open('/ui/models'), await open('/ui/models', { viewport: { width: 390, height: 800 } })]
  const [page, phone] = pages as [Page, Page]
  await canLoad(page, remoteName).getByRole('button', { name: 'Download' }).click()
  for (const each of pages) {
    await each
      .getByRole('progressbar', { name: `Download ${remote}` })
      .first()
      .waitFor()
    await each.locator('#transfers .progress', { hasText: /of 12\.8 GiB/ }).waitFor()
  }
  for (const each of pages) await onDisk(each, remoteName).getByText('Ready').waitFor()
  await phone.locator('#transfers').getByText('Done').waitFor()
  expect(await canLoad(page, remoteName).count()).toBe(0)
})

test('a delete asks first, naming hosts and bytes; then card and weights are gone, and the recipe stays', async () => {
  const page = await open('/ui/models')
  await page.getByRole('link', { name: `Delete…: ${remoteName}` }).click()
  await title(page, `Delete ${remoteName} from spark-1?`).waitFor()
  await page.getByText('spark-1: 12.8 GiB').waitFor()
  await page.getByRole('button', { name: `Delete ${remoteName}` }).click()
  await canLoad(page, remoteName).waitFor()
  expect(await onDisk(page, remoteName).count()).toBe(0)
})

test('the loaded model cannot be deleted, not even by its address', async () => {
  const page = await open('/ui/models')
  await onDisk(page, loadedName).getByText('To delete it, unload it first.').waitFor()
  await page.goto(`${spark.url}/ui/models/delete?repo=nvidia%2FLlama-3.1-8B-Instruct-FP8`)
  await page.getByText("It can't be deleted now: it is loaded").waitFor()
  expect(await page.getByRole('button').count()).toBe(0)
})

test('a download is cancelled, and goes on later', async () => {
  const page = await open('/ui/models')
  await page.getByLabel('Model on Hugging Face').fill('nvidia/Qwen3.5-122B-A10B-NVFP4')
  await page.getByRole('region', { name: 'Download by name' }).getByRole('button', { name: 'Download' }).click()
  const transfers = page.locator('#transfers')
  await transfers.getByText(/[1-9][\d.]* of \d+\.\d GiB/).waitFor()
  await transfers.getByRole('button', { name: 'Cancel: Download nvidia/Qwen3.5-122B-A10B-NVFP4' }).click()
  await transfers.getByText('Cancelled').waitFor()
  await transfers.getByRole('button', { name: /^Try again/ }).click()
  await transfers.getByRole('progressbar').waitFor()
  await transfers.getByRole('button', { name: 'Cancel: Download nvidia/Qwen3.5-122B-A10B-NVFP4' }).click()
  await transfers.getByText('Cancelled').waitFor()
})

test('the token of the hub is set on the page and never told again', async () => {
  const page = await open('/ui/models')
  await page.getByLabel('Token', { exact: true }).fill(licensedToken)
  await page.getByRole('button', { name: 'Keep it' }).click()
  await page.getByText('One is set.').waitFor()
  expect(await page.content()).not.toContain(licensedToken)
  expect(await (await spark.ask('GET', '/api/secrets')).json()).toMatchObject({ secrets: ['HF_TOKEN'] })
})

test('what is no model name is refused in words', async () => {
  const page = await open('/ui/models')
  await page.getByLabel('Model on Hugging Face').fill('just-a-name')
  await page.getByRole('region', { name: 'Download by name' }).getByRole('button', { name: 'Download' }).click()
  await page.getByRole('alert').getByText('write org/name').waitFor()
  expect(await page.getByLabel('Model on Hugging Face').inputValue()).toBe('just-a-name')
})

test('a recipe from elsewhere shows its commands before it has a Swap button', async () => {
  const page = await open('/')
  const other = page.locator('#recipes li', { hasText: 'Qwen3.6 27B' }).first()
  await other.getByText('1 other recipe for it').click()
  await other.getByRole('link', { name: /^Review: From elsewhere/ }).click()
  await title(page, 'From elsewhere').waitFor()
  await page.getByText('spark-vllm-docker on spark-1').first().waitFor()
  expect(await page.getByRole('button', { name: /^Swap to/ }).count()).toBe(0)
  await page.getByLabel('To start it, on spark-1').getByText('--marker-of-a-stranger').waitFor()
  await page.getByRole('button', { name: 'Accept these commands' }).click()
  await page.getByRole('button', { name: 'Swap to From elsewhere', disabled: false }).waitFor()
  await page.getByRole('heading', { name: 'It fits into the memory' }).waitFor()
})

test('a changed recipe shows its difference to the shipped one, and there is a way back', async () => {
  const shipped = await (await spark.ask('GET', `/api/recipes/${small}`)).json()
  const text = (shipped as { text: string }).text.replace(/^name: .*$/m, 'name: My Llama')
  await spark.ask('PUT', `/api/recipes/${small}`, { text })
  const page = await open(`/ui/recipes/${small}`)
  await title(page, 'My Llama').waitFor()
  expect(await page.locator('ins').allInnerTexts()).toEqual(['+name: My Llama\n'])
  expect(await page.locator('del').allInnerTexts()).toEqual([`-name: ${loadedName}\n`])
  await page.getByText('Back to shipped…').click()
  await page.getByRole('button', { name: 'Remove mine, take the shipped one' }).click()
  await title(page, loadedName).waitFor()
})

test('the hub is searched, and what it holds can be downloaded from there', async () => {
  const page = await open('/ui/models')
  await page.getByLabel("Words of the model's name").fill('gpt-oss')
  await page.getByRole('button', { name: 'Search' }).click()
  await page
    .getByRole('button', { name: `Download: ${remote}` })
    .last()
    .waitFor()
  expect(
    await page.locator('section', { hasText: 'Search Hugging Face' }).getByRole('heading', { level: 3 }).count(),
  ).toBe(2)
})

test('without JavaScript the pages show the same, and a download can be asked for', async () => {
  const plain = await open('/ui/models', { javaScriptEnabled: false })
  await onDisk(plain, loadedName).getByText('Ready').first().waitFor()
  await plain.getByLabel('Model on Hugging Face').fill(remote)
  await plain.getByRole('region', { name: 'Download by name' }).getByRole('button', { name: 'Download' }).click()
  await plain.locator('#transfers').getByText(`Download ${remote}`).first().waitFor()
  expect(new URL(plain.url()).pathname).toBe('/ui/models')
})

test('a phone never scrolls sideways on pages of models, and every button is large enough for a thumb', async () => {
  const page = await open('/ui/models', { viewport: { width: 320, height: 700 } })
  for (const path of [
    '/',
    '/ui/models',
    '/ui/models?q=qwen',
    `/ui/recipes/${small}`,
    '/ui/recipes/from-elsewhere',
    '/ui/models/setup?repo=BAAI%2Fbge-m3',
    '/ui/models/delete?repo=BAAI%2Fbge-m3',
  ]) {
    await page.goto(`${spark.url}${path}`)
    expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, 320])
    const heights = await page
      .locator('button:visible, nav a:visible, summary:visible, a.button:visible')
      .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height))
    expect([path, heights.filter((height) => height < 44)]).toEqual([path, []])
  }
})
