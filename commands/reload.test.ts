import { afterEach, expect, test } from 'bun:test'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kind } from '../handlers/kind'
import { loadKinds } from '../handlers/kinds'
import { type ControlPlane, controlPlane } from './serve'

const quiet = { info() {}, warn() {}, error() {} }
const config = (port: number) =>
  `hosts: { a: { address: 127.0.0.1, ssh_port: 1, user: spark } }\nservices: { web: { kind: http, host: a, port: ${port} } }\n`
let plane: ControlPlane | null = null
let folder = ''
const events: string[] = []

async function started(text: string, more: Partial<Kind> = {}) {
  folder = mkdtempSync(join(tmpdir(), 'spark-reload-'))
  const file = join(folder, 'spark.config.yaml')
  writeFileSync(file, text)
  plane = await controlPlane({
    config: file,
    data: join(folder, 'data'),
    port: 0,
    kinds: (await loadKinds()).map((kind) => (kind.kind === 'http' ? { ...kind, ...more } : kind)),
    log: { ...quiet, info: (event) => events.push(event), error: (event) => events.push(event) },
  })
  return { file, url: plane.server.url }
}

const services = async (url: string) =>
  ((await (await fetch(`${url}/api/cluster`)).json()) as { services: { port: number }[] }).services

async function until(holds: () => Promise<boolean>) {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return
    await Bun.sleep(25)
  }
  throw new Error('it never came to hold')
}

afterEach(async () => {
  await plane?.stop()
  plane = null
  events.length = 0
  rmSync(folder, { recursive: true, force: true })
})

test('controlPlane() takes over a changed file, also when an editor renames another over it, twice', async () => {
  const { file, url } = await started(config(8001))
  for (const port of [8002, 8003]) {
    writeFileSync(`${file}.new`, config(port))
    renameSync(`${file}.new`, file)
    await until(async () => (await services(url))[0]?.port === port)
  }
})

test('controlPlane() keeps what runs when the file becomes bad, and says so on the page', async () => {
  const { file, url } = await started(config(8001))
  writeFileSync(file, 'hosts: [')
  await until(async () => (await (await fetch(url)).text()).includes('spark.config.yaml:'))
  expect((await services(url))[0]?.port).toBe(8001)
})

test('controlPlane() shows the first-run page for a placeholder and the dashboard once it is filled in', async () => {
  const { file, url } = await started('hosts: { a: { address: <spark-1-ip>, user: spark } }\n')
  const page = await (await fetch(url)).text()
  expect(page).toContain('still a placeholder; put the address of your first Spark here')
  expect(page).toContain('authorized_keys')
  writeFileSync(file, config(8001))
  await until(async () => (await services(url)).length === 1)
})

test('controlPlane() outlives a file that is well formed but cannot be built, and takes the next good one', async () => {
  const { file, url } = await started(config(8001))
  writeFileSync(file, `ssh: { key: ${join(folder, 'no-such-key')} }\n${config(8002)}`)
  await until(async () => (await (await fetch(url)).text()).includes('the key file cannot be read'))
  expect((await services(url))[0]?.port).toBe(8001)
  // Swaps are taken again, not refused for a reload that never ended.
  const answer = await fetch(`${url}/api/swap`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"recipe": "x"}',
  })
  expect(answer.status).toBe(404)
  writeFileSync(file, config(8003))
  await until(async () => (await services(url))[0]?.port === 8003)
})

test('controlPlane() leaves everything as it runs when only a comment changes', async () => {
  const { file } = await started(config(8001))
  const before = plane?.runtime
  writeFileSync(file, `# a remark\n${config(8001)}`)
  await Bun.sleep(600)
  expect(plane?.runtime).toBe(before)
  writeFileSync(file, config(8002))
  await until(async () => plane?.runtime !== before)
})

test('controlPlane() lets go of a Spark that it was told of by a file of which no app could be made', async () => {
  const open = new Set<Socket>()
  const ssh = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {}).once('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => ssh.listen(0, '127.0.0.1', resolve))
  const endpoints = ({ port }: { port: number }) => {
    if (port === 8002) throw new Error('web: has endpoints that contradict each other; correct them')
    return []
  }
  try {
    const { file, url } = await started(config(8001), { endpoints })
    const before = plane?.runtime
    const { port } = ssh.address() as AddressInfo
    writeFileSync(file, config(8002).replace('ssh_port: 1,', `ssh_port: ${port},`))
    await until(async () => (await (await fetch(url)).text()).includes('contradict each other'))
    await Bun.sleep(300)
    expect([open.size, plane?.runtime === before, before?.recording]).toEqual([0, true, true])
  } finally {
    ssh.close()
  }
})

test('controlPlane() notes what befalls by the runtime that answers, and by no other', async () => {
  const { file, url } = await started(config(8001))
  const before = plane?.runtime
  expect(before?.recording).toBe(true)
  writeFileSync(file, config(8002))
  await until(async () => (await services(url))[0]?.port === 8002)
  expect([before?.recording, plane?.runtime.recording]).toEqual([false, true])
})

test('stop() waits for a reload that is under way, and leaves nothing of it', async () => {
  let stopped: Promise<void> | undefined
  const endpoints = ({ port }: { port: number }) => {
    if (port === 8002) stopped ??= plane?.stop()
    return []
  }
  const { file } = await started(config(8001), { endpoints })
  writeFileSync(file, config(8002))
  await until(async () => stopped !== undefined)
  await stopped
  expect(events).toEqual(['started', 'reloaded', 'stopped'])
})
