import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SimulatedCluster, simulatedCluster } from '../demo/cluster'
import { small } from './cluster'
import { program } from './program'

interface Check {
  ok: boolean
  subject: string
  text: string
  remedy: string | null
}

const scratch = mkdtempSync(join(tmpdir(), 'spark-examination-'))
let cluster: SimulatedCluster

setDefaultTimeout(60_000)
beforeAll(async () => {
  const firstAddress = `127.2.${process.pid % 250}.11`
  cluster = await simulatedCluster({ speed: 40, ports: 'free', firstAddress, loaded: small })
})
afterAll(async () => {
  await cluster.stop()
  rmSync(scratch, { recursive: true, force: true })
})
afterEach(() => cluster.faults.clear())

test('doctor finds nothing wrong with sound Sparks, in lines and as JSON', async () => {
  const { code, stdout } = await doctor()
  expect(code).toBe(0)
  for (const subject of ['host:spark-1', 'host:spark-2', 'service:llm', 'service:embed', 'service:comfy'])
    expect(stdout).toContain(`ok     ${subject}: `)
  expect(stdout).not.toContain('wrong')
  const json = await doctor('--json')
  const { ok, checks } = JSON.parse(json.stdout) as { ok: boolean; checks: Check[] }
  expect([json.code, ok, checks.filter((check) => !check.ok)]).toEqual([0, true, []])
  expect(checks).toHaveLength(stdout.trim().split('\n').length)
})

test('doctor names the Spark that does not answer, and what to do', async () => {
  await cluster.faults.host('spark-2', 'link-down', 60)
  const { code, stdout } = await doctor('--json')
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] }
  expect([code, ok]).toEqual([1, false])
  const wrong = checks.filter((check) => !check.ok)
  expect(new Set(wrong.map(({ subject }) => subject))).toEqual(
    new Set(['host:spark-2', 'service:embed', 'service:comfy']),
  )
  for (const { remedy } of wrong) expect(remedy).not.toBeFalsy()
})

test('doctor waits for no name that does not resolve', async () => {
  const file = join(scratch, 'nowhere.yaml')
  await Bun.write(file, 'hosts: { spark-1: { address: no-such-name.invalid, user: spark } }\n')
  const { code, stdout } = await run(['doctor', '--config', file, '--data', join(scratch, 'nowhere')])
  expect([code, stdout]).toEqual([1, expect.stringContaining('no-such-name.invalid: has no IPv4 address')])
})

test('doctor names the service that does not answer', async () => {
  await cluster.faults.service('comfy', 'stop', 60)
  const { code, stdout } = await doctor()
  expect(code).toBe(1)
  const wrong = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('ok '))
  expect(wrong.join('\n')).toContain('service:comfy')
  expect(stdout).toContain('ok     service:embed: ')
})

test('doctor of a config with mistakes says what check says', async () => {
  const file = join(scratch, 'wrong.yaml')
  await Bun.write(file, 'hosts: { spark-1: { address: spark-1.local, user: spark } }\n')
  const { code, stdout } = await run(['doctor', '--config', file, '--data', join(scratch, 'doctor')])
  expect(code).toBe(1)
  expect(stdout).toMatch(/wrong\.yaml:1:\d+: hosts\.spark-1\.address: /)
})

test('discover says which line lets it in, and then prints a config that check passes and doctor knows', async () => {
  const [first, second] = cluster.hosts
  const words = ['discover', ...[first, second].map((host) => `spark@${host?.address}:${host?.sshPort}`)]
  const data = ['--data', join(scratch, 'discover')]
  const refused = await run([...words, ...data])
  expect(refused.code).toBe(1)
  const line = /paste there: (.+)/.exec(refused.stderr)?.[1] ?? ''
  for (const host of cluster.hosts) expect((await host.run(line)).code).toBe(0)
  const { code, stdout } = await run([...words, ...data])
  expect(code).toBe(0)
  for (const { address, sshPort, fabric } of cluster.hosts)
    for (const word of [address, String(sshPort), fabric]) expect(stdout).toContain(word)
  expect(stdout).toContain('spark-vllm-docker')
  const file = join(scratch, 'discovered/spark.config.yaml')
  await Bun.write(file, stdout)
  expect(await run(['check', file])).toMatchObject({ code: 0 })
  const looked = await run(['doctor', '--config', file, '--json', ...data])
  const { checks } = JSON.parse(looked.stdout) as { checks: Check[] }
  expect(checks.filter((check) => !check.ok && check.subject.startsWith('host:'))).toEqual([])
})

function doctor(...more: string[]) {
  return run(['doctor', '--config', cluster.configPath, '--data', join(scratch, 'doctor'), ...more])
}

async function run(words: string[]) {
  const running = program(words, { cwd: scratch })
  const code = await running.exited
  return { code, stdout: running.stdout(), stderr: running.stderr() }
}
