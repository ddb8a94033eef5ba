import { Database } from 'bun:sqlite'
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { type ControlPlane, controlPlane } from '../commands/serve'
import { freshKeyPair } from '../core/cluster/key-pair'
import { jsonLog } from '../core/log'
import { loadKinds } from '../handlers/kinds'
import { until } from './cluster'

setDefaultTimeout(30_000)

let folder: string
let config: string
let plane: ControlPlane | null = null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spark-acceptance-'))
  mkdirSync(join(folder, 'place'))
  config = join(folder, 'place/spark.config.yaml')
})
afterEach(async () => {
  await plane?.stop()
  plane = null
  rmSync(folder, { recursive: true, force: true })
})

async function begin(): Promise<void> {
  const data = join(folder, 'data')
  plane = await controlPlane({ config, data, port: 0, kinds: await loadKinds(), log: jsonLog(() => {}) })
}

function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(`${plane?.server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
}

const accept = (text: string) => post('/api/discover/accept', { config: text })
const declaring = (id: string, port = 1) => `hosts:\n  ${id}: { address: 127.0.0.1, ssh_port: ${port}, user: spark }\n`
const declared = (id: string) =>
  until(`${id} to be declared`, () => (plane?.runtime.cluster.hosts.some((host) => host.id === id) ? true : null))

test('a configuration that is there but cannot be read is never replaced', async () => {
  const latin1 = Buffer.from(`# K\xfcche\n${declaring('kitchen')}`, 'latin1')
  const large = Buffer.from(declaring('kitchen') + '# more\n'.repeat(40_000))
  for (const text of [latin1, large]) {
    writeFileSync(config, text)
    await plane?.stop()
    await begin()
    const refused = await accept(declaring('spark-1'))
    expect([refused.status, (await refused.json()).error.code]).toEqual([409, 'unreadable'])
    expect(readFileSync(config).equals(text)).toBe(true)
  }
})

test('of two configurations that are accepted at once only one is written', async () => {
  await begin()
  const answers = await Promise.all(['spark-1', 'spark-2'].map((id) => accept(declaring(id))))
  expect(answers.map(({ status }) => status)).toEqual([200, 409])
  await declared('spark-1')
})

test('a configuration behind a link is written there, and read again', async () => {
  mkdirSync(join(folder, 'real'))
  writeFileSync(join(folder, 'real/mine.yaml'), '')
  symlinkSync('../real/mine.yaml', config)
  await begin()
  expect((await accept(declaring('spark-1'))).status).toBe(200)
  await declared('spark-1')
  expect(readFileSync(join(folder, 'real/mine.yaml'), 'utf8')).toBe(declaring('spark-1'))
})

test('host keys that were seen are pinned only when the configuration was written', async () => {
  await begin()
  const spark = new ssh2.Server({ hostKeys: [freshKeyPair().private] }, (client) => {
    client.on('error', () => {}).on('authentication', (attempt) => attempt.reject(['publickey']))
  })
  await new Promise<void>((listening) => spark.listen(0, '127.0.0.1', listening))
  const { port } = spark.address() as AddressInfo
  const store = new Database(join(folder, 'data/spark-control.sqlite'), { readonly: true })
  const pinned = () => store.query('SELECT host FROM host_keys').all()
  await post('/api/discover', { hosts: [{ user: 'spark', address: '127.0.0.1', ssh_port: port }] })
  await until('its host key', async () => {
    const { hosts } = await (await fetch(`${plane?.server.url}/api/discover`)).json()
    return hosts[0].fingerprint
  })
  renameSync(join(folder, 'place'), join(folder, 'away'))
  const failed = await accept(declaring('spark-1', port))
  expect([failed.status, (await failed.json()).error.message]).toEqual([503, expect.stringContaining('make it')])
  expect(pinned()).toEqual([])
  renameSync(join(folder, 'away'), join(folder, 'place'))
  expect((await accept(declaring('spark-1', port))).status).toBe(200)
  expect(pinned()).toEqual([{ host: 'spark-1' }])
  store.close()
  spark.close()
})

test('once Sparks are declared nobody is made to look at others', async () => {
  writeFileSync(config, declaring('spark-1'))
  await begin()
  const refused = await post('/api/discover', { hosts: [{ user: 'spark', address: '127.0.0.1', ssh_port: 2 }] })
  expect([refused.status, (await refused.json()).error.code]).toEqual([409, 'already_declared'])
  const form = await fetch(`${plane?.server.url}/ui/discover`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'addresses=127.0.0.1%3A2&user=spark',
    redirect: 'manual',
  })
  expect([form.status, new URL(form.headers.get('location') ?? '', plane?.server.url).pathname]).toEqual([303, '/'])
  expect(plane?.runtime.discovery.sparks()).toEqual([])
})
