import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { controlPlane } from '../commands/serve'
import { jsonLog } from '../core/log'
import { type SimulatedCluster, simulatedCluster } from '../demo/cluster'
import { loadKinds } from '../handlers/kinds'
import { small, until } from './cluster'
import { program } from './program'

interface Check {
  ok: boolean | null
  id: string
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
  expect([json.code, ok, checks.filter((check) => check.ok === false)]).toEqual([0, true, []])
  expect(checks).toHaveLength(stdout.trim().split('\n').length)
})

test('doctor names the Spark that does not answer, and what to do', async () => {
  await cluster.faults.host('spark-2', 'link-down', 60)
  const { code, stdout } = await doctor('--json')
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] }
  expect([code, ok]).toEqual([1, false])
  const wrong = checks.filter((check) => !check.ok)
  expect(new Set(wrong.map(({ subject }) => subject))).toEqual(new Set(['host:spark-2', ...servicesOn('spark-2')]))
  for (const { remedy } of wrong) expect(remedy).not.toBeFalsy()
})

test('doctor names what is wrong on a Spark, with the command that mends it', async () => {
  const [head] = cluster.hosts
  const wrongs = async () => {
    const { checks } = JSON.parse((await doctor('--json')).stdout) as { checks: Check[] }
    return checks.filter((check) => check.ok === false)
  }
  await head?.run("sed -i 's/$/\\r/' ~/spark-vllm-docker/.env")
  expect(await wrongs()).toMatchObject([{ subject: 'host:spark-1', id: 'env-lines' }])
  const [{ remedy } = { remedy: '' }] = await wrongs()
  await head?.run(remedy?.replace('run there: ', '') ?? '')
  expect(await wrongs()).toEqual([])
  await head?.run('chmod -x ~/spark-vllm-docker/launch-cluster.sh')
  expect(await wrongs()).toMatchObject([{ id: 'launcher', remedy: 'run there: chmod +x ~/spark-vllm-docker/*.sh' }])
  await head?.run('chmod +x ~/spark-vllm-docker/*.sh')
})

test('doctor tells on which port a service really is, and who has the port of another', async () => {
  const { comfy, embed } = cluster.ports
  const text = await Bun.file(cluster.configPath).text()
  const swapped = text.replace(`port: ${comfy}`, 'port: XX').replace(`port: ${embed}`, `port: ${comfy}`)
  const file = join(scratch, 'swapped.yaml')
  await Bun.write(file, swapped.replace('port: XX', 'port: 1'))
  const { stdout } = await run(['doctor', '--config', file, '--data', join(scratch, 'swapped')])
  expect(stdout).toContain(`wrong  service:embed: port ${comfy} is answered by ComfyUI`)
  expect(stdout).toMatch(/wrong {2}service:comfy: .*port 1/)
})

test('the controller examines on request, once for all who ask, and its page says the same', async () => {
  const kinds = await loadKinds()
  const log = jsonLog(() => {})
  const data = join(scratch, 'served')
  const plane = await controlPlane({ config: cluster.configPath, data, port: 0, kinds, log })
  try {
    const ask = async (path: string) => (await fetch(`${plane.server.url}${path}`)).json()
    await until('the Sparks to be seen', async () =>
      (await ask('/api/cluster')).hosts.every(({ state }: { state: string }) => state === 'up') ? true : null,
    )
    const [one, other] = await Promise.all([ask('/api/doctor'), ask('/api/doctor')])
    expect([one.ok, one.checks.length > 20, other]).toEqual([true, true, one])
    expect((await ask('/api/doctor')).seen_at).toBe(one.seen_at)
    expect((await ask('/api/doctor?fresh=true')).seen_at).not.toBe(one.seen_at)
    const page = await (await fetch(`${plane.server.url}/ui/doctor`)).text()
    expect(page).toContain('Nothing is wrong')
    const again = await (await fetch(`${plane.server.url}/ui/doctor?fresh=true`)).text()
    expect(again).toContain('Examining')
    expect(await (await fetch(`${plane.server.url}/ui/doctor/report`)).text()).toContain('All right')
  } finally {
    await plane.stop()
  }
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
  expect(checks.filter((check) => check.ok === false && check.subject.startsWith('host:'))).toEqual([])
})

/** Every service whose head is that Spark. */
function servicesOn(host: string): string[] {
  const { services } = Bun.YAML.parse(readFileSync(cluster.configPath, 'utf8')) as {
    services: Record<string, { host?: string; hosts?: string[] }>
  }
  return Object.entries(services).flatMap(([id, service]) =>
    (service.host ?? service.hosts?.[0]) === host ? [`service:${id}`] : [],
  )
}

function doctor(...more: string[]) {
  return run(['doctor', '--config', cluster.configPath, '--data', join(scratch, 'doctor'), ...more])
}

async function run(words: string[]) {
  const running = program(words, { cwd: scratch })
  const code = await running.exited
  return { code, stdout: running.stdout(), stderr: running.stderr() }
}
