import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type SimulatedCluster, simulatedCluster } from '../cluster'
import type { SimulatedHost } from '../host'

let cluster: SimulatedCluster
let host: SimulatedHost

beforeAll(async () => {
  cluster = await simulatedCluster({ hosts: 1, speed: 20, ports: 'free' })
  host = cluster.hosts[0] as SimulatedHost
  const listens = "process.on('SIGTERM', () => process.exit(5)); console.log('up'); setInterval(() => {}, 1000)"
  writeFileSync(
    join(cluster.directory, 'container-bin/listens'),
    `#!/bin/sh\nexec '${process.execPath}' -e "${listens}"\n`,
    { mode: 0o755 },
  )
  // Tells its arguments, then claims memory as a model does.
  const program =
    '#!/bin/sh\nprintf "%s\\n" "$@"\necho "2147483648 VLLM::EngineCore" >"$SPARK_SIM_DIR/state/memory/$$"\nexec sleep 900\n'
  writeFileSync(join(cluster.directory, 'container-bin/hold'), program, { mode: 0o755 })
})
afterAll(() => cluster.stop())

const sh = (command: string) => host.run(command)
const out = async (command: string) => (await sh(command)).stdout.trimEnd()
const up = (name: string, flags = '') => sh(`docker run -d --rm ${flags} --name ${name} vllm-node sleep infinity`)

async function until(holds: () => Promise<boolean> | boolean) {
  while (!(await holds())) await Bun.sleep(10)
}

describe('docker run', () => {
  test('starts a real process, prints the id, and the container is there', async () => {
    const { stdout, code } = await up(
      'one',
      '-e A=b --label role=test -v ~/.cache/huggingface:/root/.cache/huggingface',
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/^[0-9a-f]{64}\n$/)
    expect(
      await out('docker ps --filter name=one --format \'{{.Names}} {{.Image}} {{.State}} {{.Label "role"}}\''),
    ).toBe('one vllm-node running test')
    const pid = Number(await out("docker inspect --format '{{.State.Pid}}' one"))
    expect(cluster.processes().find((one) => one.pid === pid)?.args).toEqual(['sleep', 'infinity'])
    expect(await out('docker exec one printenv A SPARK_SIM_CONTAINER')).toBe('b\none')
    await sh('docker rm -f one')
  })

  test('says what docker says of a taken name, a missing image, and a missing program', async () => {
    await up('taken')
    const again = await up('taken')
    expect(again.code).toBe(125)
    expect(again.stderr).toContain('Conflict. The container name "/taken" is already in use by container')
    const image = await sh('docker run -d nowhere')
    expect(image.code).toBe(125)
    expect(image.stderr).toStartWith(
      "Unable to find image 'nowhere:latest' locally\ndocker: Error response from daemon: pull access denied",
    )
    const program = await sh('docker run -d --name none vllm-node no-such-program')
    expect(program.code).toBe(127)
    expect(program.stderr).toContain('exec: "no-such-program": executable file not found in $PATH')
    expect((await sh('docker inspect none')).code).toBe(1)
    await sh('docker rm -f taken')
  })

  test('runs what an image’s entrypoint says, unless it is cleared or named anew', async () => {
    const image = 'vllm/vllm-openai:gemma4-cu130'
    const { stdout } = await sh(`docker image inspect --format '{{json .Config.Entrypoint}}' ${image}`)
    expect(stdout.trim()).toBe('["vllm","serve"]')
    for (const [flag, entrypoint, command] of [
      ['--entrypoint=', null, 'sleep infinity'],
      ["--entrypoint ''", null, 'sleep infinity'],
      ['--entrypoint sleep', ['sleep'], 'infinity'],
    ]) {
      await sh(`docker run -d --name entered ${flag} ${image} ${command}`)
      const shown = JSON.parse((await sh('docker inspect entered')).stdout)[0]
      expect([shown.Path, shown.Args, shown.Config.Entrypoint]).toEqual(['sleep', ['infinity'], entrypoint])
      await sh('docker rm -f entered')
    }
    const refused = await sh(`docker run --rm ${image} --no-such-flag`)
    expect(refused.stderr + refused.stdout).toContain('unrecognized arguments: --no-such-flag')
  })

  test('in the foreground prints the output and ends as the container ends', async () => {
    expect(await sh("docker run --rm vllm-node sh -c 'echo said; exit 4'")).toEqual({
      stdout: 'said\n',
      stderr: '',
      code: 4,
    })
    expect(await out('docker ps -a --filter ancestor=vllm-node -q')).toBe('')
  })
})

describe('docker exec', () => {
  test('evaluates bash -c, with the container’s log in place of /proc/1/fd/1 and its own /workspace', async () => {
    await up('e')
    await sh("docker exec -d e bash -c 'echo logged >> /proc/1/fd/1 2>&1; echo kept > /workspace/file'")
    await until(async () => (await out('docker logs e')) === 'logged')
    await until(async () => (await out('docker exec e cat /workspace/file')) === 'kept')
    expect((await sh('docker exec -w /nowhere e pwd')).code).toBe(0)
    await sh('docker rm -f e')
  })

  test('passes stdin with -i only, and the exit code, 137 for a killed command', async () => {
    await up('i')
    expect(await out('echo in | docker exec -i i cat')).toBe('in')
    expect(await out('echo in | docker exec i cat')).toBe('')
    expect((await sh('docker exec i sh -c "exit 9"')).code).toBe(9)
    expect((await sh("docker exec i sh -c 'kill -9 $$'")).code).toBe(137)
    expect((await sh('docker exec i no-such-program')).code).toBe(127)
    await sh('docker rm -f i')
  })

  test('finds vllm only inside', async () => {
    await up('v')
    expect((await sh('command -v vllm')).code).not.toBe(0)
    expect((await sh('docker exec v sh -c "command -v vllm"')).code).toBe(0)
    expect((await sh('docker exec v docker ps')).code).toBe(127)
    await sh('docker rm -f v')
  })
})

describe('docker stop', () => {
  test('kills PID 1 after the grace, since sleep ignores TERM there, and everything that was exec’d', async () => {
    await up('s')
    await sh('docker exec -d s hold')
    await until(async () => (await out('docker exec s pgrep -f "sleep 900"')) !== '')
    await sh("docker exec -d s setsid sh -c 'exec sleep 800'")
    await until(async () => (await out('docker exec s pgrep -f "sleep 800"')) !== '')
    const begun = Date.now()
    expect(await sh('docker stop s')).toEqual({ stdout: 's\n', stderr: '', code: 0 })
    expect(Date.now() - begun).toBeGreaterThanOrEqual(490)
    expect(cluster.processes().filter((one) => one.container === 's')).toEqual([])
    expect(await out('docker ps -aq --filter name=^s$')).toBe('')
    expect((await sh('docker logs s')).stderr).toBe('Error response from daemon: No such container: s\n')
  })

  test('is quick for a first process that listens to TERM, which keeps its container without --rm', async () => {
    await sh('docker run -d --name t vllm-node listens')
    await until(async () => (await out('docker logs t')) === 'up')
    await sh('docker stop t')
    expect(await out("docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' t")).toBe('exited 5')
    expect(await out("docker ps -a --filter name=^t$ --format '{{.Status}}'")).toMatch(/^Exited \(5\) .* ago$/)
    await sh('docker start t')
    expect(await out("docker inspect --format '{{.State.Running}}' t")).toBe('true')
    await sh('docker kill t')
    expect(await out("docker inspect --format '{{json .State.ExitCode}}' t")).toBe('137')
    expect(await sh('docker rm t')).toMatchObject({ stdout: 't\n', code: 0 })
  })

  test('of a container that is not there says so and goes on with the next', async () => {
    await up('there')
    const { stdout, stderr, code } = await sh('docker stop -t 0 nobody there')
    expect({ stdout, stderr, code }).toEqual({
      stdout: 'there\n',
      stderr: 'Error response from daemon: No such container: nobody\n',
      code: 1,
    })
  })
})

describe('docker logs', () => {
  test('takes --tail, --since and follows until the container ends', async () => {
    await up('l')
    await sh('docker exec l bash -c \'printf "a\\nb\\nc\\n" >> /proc/1/fd/1\'')
    expect(await out('docker logs --tail 2 l')).toBe('b\nc')
    const index = join(host.directory, 'state/containers/l/log.index')
    await until(() => existsSync(index) && readFileSync(index, 'utf8') !== '')
    await Bun.sleep(10)
    const now = new Date().toISOString()
    await sh("docker exec l bash -c 'echo late >> /proc/1/fd/1'")
    expect(await out(`docker logs --since ${now} l`)).toBe('late')
    expect(await out('docker logs --since 10m --tail 1 l')).toBe('late')
    const followed = sh('docker logs -f --tail 0 l')
    await until(() => cluster.processes().some((one) => one.args[0] === 'docker' && one.args.includes('-f')))
    await sh("docker exec l bash -c 'echo last >> /proc/1/fd/1'")
    await sh('docker rm -f l')
    expect((await followed).stdout).toBe('last\n')
  })
})

describe('docker ps, top, events and the rest', () => {
  test('a name filter is an unanchored regular expression', async () => {
    await up('vllm_node')
    await up('vllm_node_2')
    expect(await out("docker ps --filter name=vllm_node --format '{{.Names}}'")).toBe('vllm_node_2\nvllm_node')
    expect(await out("docker ps --filter name=^vllm_node$ --format '{{.Names}}'")).toBe('vllm_node')
    const row = JSON.parse(await out("docker ps --filter name=^vllm_node$ --format '{{json .}}'"))
    expect(row).toMatchObject({ Names: 'vllm_node', State: 'running', Networks: 'bridge', Command: '"sleep infinity"' })
    expect(await out("docker ps --filter ancestor=vllm-node --format 'table {{.Names}}\\t{{.State}}'")).toBe(
      'NAMES         STATE\nvllm_node_2   running\nvllm_node     running',
    )
    await sh('docker rm -f vllm_node vllm_node_2')
  })

  test('top shows the container’s processes and no others', async () => {
    await up('p')
    await sh('docker exec -d p sleep 700')
    await until(async () => (await out('docker top p -eo pid,args')).includes('sleep 700'))
    const rows = (await out('docker top p -eo pid,etimes,args'))
      .split('\n')
      .map((line) => line.split(/\s+/).slice(2).join(' '))
    expect(rows).toEqual(['COMMAND', 'sleep infinity', 'sleep 700'])
    await sh('docker rm -f p')
  })

  test('events prints a JSON line for each start and end', async () => {
    const watched = sh("timeout 4 docker events --filter type=container --format '{{json .}}'")
    await until(() => cluster.processes().some((one) => one.args[0] === 'docker' && one.args.includes('events')))
    await Bun.sleep(100)
    await up('w')
    await sh('docker rm -f w')
    const lines = (await watched).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      // What other tests have left may end or be examined meanwhile.
      .filter(({ Actor }) => Actor.Attributes.name === 'w')
    expect(lines.map((line) => line.Action)).toEqual(['create', 'start', 'kill', 'die', 'destroy'])
    expect(lines[3]).toMatchObject({ Actor: { Attributes: { name: 'w', exitCode: '137' } } })
  })

  test('cp puts a file into the container’s workspace', async () => {
    await up('c')
    await sh('echo text > note; docker cp note c:/workspace/note.txt')
    expect(await out('docker exec c cat /workspace/note.txt')).toBe('text')
    await sh('docker rm -f c')
  })

  test('images have the same id on every host; pull has no way out', async () => {
    expect(await out("docker image inspect --format '{{.Id}}' vllm-node")).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(await sh('docker image inspect nothing')).toMatchObject({
      stdout: '[]\n',
      stderr: 'Error response from daemon: No such image: nothing:latest\n',
      code: 1,
    })
    expect((await sh('docker pull eugr/spark-vllm')).stderr).toContain('dial tcp: lookup registry-1.docker.io')
  })

  test('unknown commands, flags and objects fail as docker fails', async () => {
    expect(await sh('docker fly')).toMatchObject({
      stderr: "docker: unknown command: docker fly\n\nRun 'docker --help' for more information\n",
      code: 1,
    })
    expect((await sh('docker ps --fly')).stderr).toStartWith('unknown flag: --fly\n')
    expect(await sh('docker inspect nobody')).toMatchObject({
      stdout: '[]\n',
      stderr: 'Error: No such object: nobody\n',
      code: 1,
    })
  })
})
