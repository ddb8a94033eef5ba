import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type SimulatedCluster, simulatedCluster } from '../cluster'
import type { SimulatedHost } from '../host'

let cluster: SimulatedCluster
let host: SimulatedHost

beforeAll(async () => {
  cluster = await simulatedCluster({ hosts: 1, speed: 20, ports: 'free' })
  host = cluster.hosts[0] as SimulatedHost
  const program = '#!/bin/sh\ntrap "exit 0" TERM\necho up\nwhile :; do sleep 0.1; done\n'
  writeFileSync(join(cluster.directory, 'container-bin/listens'), program, { mode: 0o755 })
})
afterAll(() => cluster.stop())

const sh = (command: string) => host.run(command)
const out = async (command: string) => (await sh(command)).stdout.trimEnd()
const up = (name: string, flags = '') => sh(`docker run -d --rm ${flags} --name ${name} vllm-node sleep infinity`)

/** What `docker events` tells of a container since then. */
async function heard(since: string, name: string): Promise<{ Action: string; [key: string]: unknown }[]> {
  const until = new Date(Date.now() + 1).toISOString()
  const text = await out(
    `docker events --since ${since} --until ${until} --filter container=${name} --format '{{json .}}'`,
  )
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

async function until(holds: () => Promise<boolean> | boolean) {
  while (!(await holds())) await Bun.sleep(10)
}

describe('a long log', () => {
  test('is read from its end, and a flood is cut off before it fills the disk', async () => {
    await sh("docker run -d --name f vllm-node yes 'a line of a flood'")
    const log = join(host.directory, 'state/containers/f/log')
    let longest = 0
    await until(() => {
      const { size } = statSync(log)
      const cut = size < longest
      longest = Math.max(longest, size)
      return cut
    })
    expect(await out('docker logs --tail 3 f')).toMatch(/(a line of a flood\n?){2}/)
    expect((await sh('docker logs -f f | head -n 100000 | wc -l')).stdout.trim()).toBe('100000')
    await until(() => !cluster.processes().some((one) => one.args[0] === 'docker'))
    await sh('docker rm -f f')
  })
})

describe('a health check', () => {
  const status = (name: string) => out(`docker ps --filter name=^${name}$ --format '{{.Status}}'`)
  const check = "--health-cmd 'test -e /workspace/well' --health-interval 50ms --health-retries 2"

  test('shows in ps and inspect, and its turns are events', async () => {
    const since = new Date().toISOString()
    await up('h', check)
    expect(await status('h')).toMatch(/^Up .* \((health: starting|unhealthy)\)$/)
    await until(async () => (await status('h')).endsWith('(unhealthy)'))
    await sh('docker exec h touch /workspace/well')
    await until(async () => (await status('h')).endsWith('(healthy)'))
    const health = JSON.parse(await out("docker inspect --format '{{json .State.Health}}' h"))
    expect(health).toMatchObject({ Status: 'healthy', FailingStreak: 0 })
    expect(health.Log.at(-1)).toMatchObject({ ExitCode: 0, Output: '' })
    const turns = (await heard(since, 'h')).map((event) => event.Action).filter((action) => /^health_/.test(action))
    expect(turns).toEqual(['health_status: unhealthy', 'health_status: healthy'])
    await sh('docker rm -f h')
  })

  test('has nothing to say of failures within its start period', async () => {
    await up('g', `${check} --health-start-period 60s --health-start-interval 20ms`)
    const log = async () => JSON.parse(await out("docker inspect --format '{{json .State.Health.Log}}' g"))
    await until(async () => (await log()).length > 2)
    expect(await status('g')).toEndWith('(health: starting)')
    await sh('docker rm -f g')
  })
})

test('without the daemon every command says so, streams end, and containers live on', async () => {
  await sh('docker run -d --name alone vllm-node listens')
  const begun = (file: string) => until(async () => (await out(`cat ${file}`)) !== '')
  const streams = Promise.all([sh('docker events --since 1h > heard'), sh('docker logs -f alone > said')])
  await Promise.all([begun('heard'), begun('said')])
  await host.inject('docker-down', 60)
  for (const { code, stderr } of await streams) expect([code, stderr]).toEqual([1, 'unexpected EOF\n'])
  expect(await sh('docker ps')).toEqual({
    stdout: '',
    stderr: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n',
    code: 1,
  })
  expect(cluster.processes().some((one) => one.container === 'alone')).toBe(true)
  await host.clear()
  expect(await out("docker inspect --format '{{.State.Running}}' alone")).toBe('true')
  await sh('docker rm -f alone')
})

test('restart is heard as what it does, and inspect tells when it ended and when it began anew', async () => {
  await sh('docker run -d --name r vllm-node listens')
  const times = async () => {
    const state = JSON.parse(await out("docker inspect --format '{{json .State}}' r"))
    return [state.StartedAt, state.FinishedAt].map((time: string) => Date.parse(time))
  }
  const [first = 0] = await times()
  const since = new Date().toISOString()
  await sh('docker restart -t 0 r')
  const [again = 0, ended = 0] = await times()
  expect([first <= ended, ended <= again]).toEqual([true, true])
  expect((await heard(since, 'r')).map((event) => event.Action).filter((action) => action !== 'kill')).toEqual([
    'die',
    'stop',
    'start',
    'restart',
  ])
  await sh('docker rm -f r')
})

test('a first process that ends by itself is heard, with its exit code, as docker 29 says it', async () => {
  const since = new Date().toISOString()
  await sh("docker run -d --name d vllm-node sh -c 'exit 3'")
  await until(async () => (await heard(since, 'd')).some((event) => event.Action === 'die'))
  const die = (await heard(since, 'd')).find((event) => event.Action === 'die')
  expect(die).toEqual({
    Type: 'container',
    Action: 'die',
    Actor: {
      ID: expect.stringMatching(/^[0-9a-f]{64}$/),
      Attributes: { execDuration: '0', exitCode: '3', image: 'vllm-node', name: 'd' },
    },
    scope: 'local',
    time: expect.any(Number),
    timeNano: expect.any(Number),
  })
  expect(
    await out(
      `docker events --since ${since} --until ${new Date().toISOString()} --filter event=die --filter container=d`,
    ),
  ).toMatch(/^\S+ container die [0-9a-f]{64} \(execDuration=0, exitCode=3, image=vllm-node, name=d\)$/)
  await sh('docker rm d')
})

test('a restart policy starts what ended by itself, counts how often, and leaves alone what was stopped', async () => {
  const count = async () => Number(await out("docker inspect --format '{{.RestartCount}}' k"))
  const state = () => out("docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' k")
  await sh("docker run -d --restart on-failure:2 --name k vllm-node sh -c 'exit 7'")
  await until(async () => (await state()) === 'exited 7')
  expect(await count()).toBe(2)
  await sh('docker rm k')
  await sh('docker run -d --restart unless-stopped --name k vllm-node sleep infinity')
  const pid = Number(await out("docker inspect --format '{{.State.Pid}}' k"))
  process.kill(pid, 'SIGKILL')
  await until(async () => (await count()) === 1)
  expect(await state()).toBe('running 0')
  await sh('docker stop -t 0 k')
  expect(await state()).toBe('exited 137')
  await sh('docker rm k')
})
