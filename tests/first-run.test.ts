import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type ControlPlane, controlPlane } from '../commands/serve'
import { jsonLog } from '../core/log'
import { type SimulatedCluster, simulatedCluster } from '../demo/cluster'
import { loadKinds } from '../handlers/kinds'
import { small, until } from './cluster'

setDefaultTimeout(60_000)

const scratch = mkdtempSync(join(tmpdir(), 'spark-first-run-'))
let sparks: SimulatedCluster
let browser: Browser
let plane: ControlPlane
let config = ''
let complaints: string[] = []

beforeAll(async () => {
  const firstAddress = `127.3.${process.pid % 250}.11`
  sparks = await simulatedCluster({ speed: 40, ports: 'free', firstAddress, loaded: small })
  const executablePath = process.env.CHROMIUM ?? Bun.which('chromium') ?? Bun.which('google-chrome')
  if (!executablePath) throw new Error('chromium: not found; install it or name it in CHROMIUM')
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
  browser = await chromium.launch({ executablePath, headless: true, args })
})

beforeEach(async () => {
  for (const host of sparks.hosts) writeFileSync(authorizedKeys(host), '')
  const folder = mkdtempSync(join(scratch, 'empty-'))
  config = join(folder, 'spark.config.yaml')
  complaints = []
  const data = join(folder, 'data')
  plane = await controlPlane({ config, data, port: 0, kinds: await loadKinds(), log: jsonLog(() => {}) })
})

afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
  await plane.stop()
  expect(complaints).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await sparks?.stop()
  rmSync(scratch, { recursive: true, force: true })
})

const authorizedKeys = ({ home }: { home: string }) => join(home, '.ssh/authorized_keys')
const addresses = () => sparks.hosts.map(({ address, sshPort }) => `${address}:${sshPort}`).join('\n')

async function opened(javaScriptEnabled = true): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled })
  const page = await context.newPage()
  page.setDefaultTimeout(25_000)
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(plane.server.url)
  return page
}

async function ask(page: Page, where: string, user = 'spark') {
  await page.getByLabel('IP addresses').fill(where)
  await page.getByLabel('User name').fill(user)
  await page.getByRole('button', { name: 'Look at them' }).click()
}

/** Pastes the line that the page shows, as a person would on that Spark. */
async function letIn(page: Page, hosts = sparks.hosts) {
  const line = (await page.locator('#key-line').textContent()) ?? ''
  for (const host of hosts) expect((await host.run(line)).code).toBe(0)
}

const configuration = (page: Page) => page.getByRole('textbox', { name: 'Configuration' })
const acceptStep = (page: Page) => page.getByRole('heading', { name: 'Accept the configuration' })
const accept = (page: Page) => page.getByRole('button', { name: 'Accept' }).click()
const dashboard = (page: Page) => page.getByRole('heading', { level: 1, name: 'Everything is fine' })

test('from two addresses to a green dashboard: key line, what was found, accept', async () => {
  const page = await opened()
  await ask(page, addresses())
  await page.getByText('Waits for the key line').first().waitFor()
  await letIn(page)
  await acceptStep(page).waitFor()
  for (const words of ['vLLM on port', 'ComfyUI on port', 'BAAI/bge-m3', 'Launcher in ~/spark-vllm-docker', 'SHA256:'])
    await page.getByRole('listitem').getByText(words).first().waitFor()
  const text = await configuration(page).inputValue()
  await accept(page)
  await dashboard(page).waitFor()
  expect(readFileSync(config, 'utf8')).toBe(text)
  for (const name of ['spark-1', 'spark-2', 'llm', 'Embeddings', 'ComfyUI'])
    await page.getByRole('article', { name }).getByText('Up', { exact: true }).waitFor()
})

test('a configuration with a mistake is not written, and the mistake is told with its line', async () => {
  const page = await opened()
  await ask(page, addresses())
  await letIn(page)
  await acceptStep(page).waitFor()
  const text = await configuration(page).inputValue()
  await configuration(page).fill(text.replace('user: spark', 'usr: spark'))
  await accept(page)
  await page.getByText(/spark\.config\.yaml:\d+:\d+: hosts\.spark-1.*usr/).waitFor()
  expect(await configuration(page).inputValue()).toContain('usr: spark')
  expect(await Bun.file(config).exists()).toBe(false)
  complaints = complaints.filter((each) => !each.includes('422'))
  await configuration(page).fill(text)
  await accept(page)
  await dashboard(page).waitFor()
})

test('every step works without a script', async () => {
  const page = await opened(false)
  await ask(page, addresses())
  await letIn(page)
  const again = page.getByRole('link', { name: 'Look again' })
  await until('the Sparks to be looked at', async () => {
    if ((await acceptStep(page).count()) > 0) return true
    await again.click()
    return null
  })
  await accept(page)
  await until('the dashboard to be green', async () => {
    await page.goto(plane.server.url)
    return (await dashboard(page).count()) > 0 ? true : null
  })
})

test('one Spark can be left out, and addresses can be typed anew', async () => {
  const page = await opened()
  const [first] = sparks.hosts
  await ask(page, 'spark@here@there')
  await page.getByText('is not USER@ADDRESS').waitFor()
  complaints = complaints.filter((each) => !each.includes('422'))
  await ask(page, addresses())
  await letIn(page, first ? [first] : [])
  await page.getByText('Looked at').waitFor()
  await page.getByRole('button', { name: /^Go on without 127/ }).click()
  await acceptStep(page).waitFor()
  expect(await configuration(page).inputValue()).not.toContain('spark-2:')
  await page.getByRole('button', { name: 'Start over' }).click()
  await page.getByLabel('IP addresses').waitFor()
})

test('a program does the same over the API, and the keys that were seen are pinned', async () => {
  const post = (path: string, body: unknown) =>
    fetch(`${plane.server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const hosts = sparks.hosts.map(({ address, sshPort }) => ({ user: 'spark', address, ssh_port: sshPort }))
  for (const wrong of [[], [{ user: 'spark', address: 'http://x' }], [{ user: '-x', address: '127.0.0.1' }]])
    expect((await post('/api/discover', { hosts: wrong })).status).toBe(422)
  const begun = await post('/api/discover', { hosts })
  expect(begun.status).toBe(202)
  const { line } = (await begun.json()) as { line: string }
  for (const host of sparks.hosts) await host.run(line)
  const look = await until('the look to end', async () => {
    const now = await (await fetch(`${plane.server.url}/api/discover`)).json()
    return now.config === null ? null : now
  })
  expect(look.hosts.map(({ state }: { state: string }) => state)).toEqual(['found', 'found'])
  expect((await post('/api/discover/accept', { config: 'hosts: {}' })).status).toBe(422)
  const accepted = await post('/api/discover/accept', { config: look.config })
  expect(await accepted.json()).toEqual({ hosts: ['spark-1', 'spark-2'] })
  const again = await post('/api/discover/accept', { config: look.config })
  expect([again.status, (await again.json()).error.code]).toEqual([409, 'already_declared'])
  await until('the Sparks to be declared', () => (plane.runtime.cluster.hosts.length === 2 ? true : null))
  await sparks.faults.host('spark-1', 'host-key-changed', 60)
  await until('the changed key to be refused', async () => {
    const { hosts: seen } = await (await fetch(`${plane.server.url}/api/cluster`)).json()
    return seen[0].state === 'refused' ? true : null
  })
  await sparks.faults.clear()
})
