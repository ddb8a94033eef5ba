import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { type SimulatedCluster, simulatedCluster } from '../cluster'
import type { SimulatedHost } from '../host'

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`

async function until(holds: () => Promise<boolean> | boolean) {
  while (!(await holds())) await Bun.sleep(10)
}

/** A container program that writes its arguments, each ended by a NUL, where the test finds them. */
function recorder(cluster: SimulatedCluster): string {
  const program =
    '#!/bin/sh\nprintf "%s\\0" "$@" >"$SPARK_SIM_DIR/$SPARK_SIM_HOST.new"\nmv "$SPARK_SIM_DIR/$SPARK_SIM_HOST.new" "$SPARK_SIM_DIR/argv"\n'
  writeFileSync(join(cluster.directory, 'container-bin/record'), program, { mode: 0o755 })
  return 'record'
}

async function arrived(host: SimulatedHost): Promise<string[]> {
  const file = join(host.directory, 'argv')
  await until(() => Bun.file(file).exists())
  const words = readFileSync(file, 'utf8').split('\0').slice(0, -1)
  rmSync(file)
  return words
}

const HOSTILE = [
  ['{"method": "mtp", "num_speculative_tokens": 3}'],
  ['two words', "it's", '"quoted"', '\'both"'],
  ['$HOME', '${PATH}', '$(touch /tmp/never)', '`id`'],
  ['line\nbreak', 'tab\there', 'trailing\n'],
  ['back\\slash', '\\n', 'end\\'],
  ['*', '?', '[a-z]', '~', '{a,b}', '!x'],
  ['', ' ', ';', '&&', '|', '>out', '#no comment', '-n', '--', 'ünï😀'],
]

describe('launch-cluster.sh', () => {
  let cluster: SimulatedCluster
  let head: SimulatedHost
  let worker: SimulatedHost

  beforeAll(async () => {
    cluster = await simulatedCluster({ speed: 20, ports: 'free' })
    ;[head, worker] = cluster.hosts as [SimulatedHost, SimulatedHost]
    recorder(cluster)
  })
  afterAll(() => cluster.stop())

  const launch = (words: string) => head.run(`cd ~/spark-vllm-docker && ./launch-cluster.sh ${words}`)
  const stopped = () => launch('stop')

  test.each(HOSTILE)('exec hands on %j as it came', async (...words) => {
    await launch(`--solo -d exec record ${words.map(quoted).join(' ')}`)
    expect(await arrived(head)).toEqual(words)
  })

  test('exec hands on any words as they came', async () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0'))
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 4 }), async (words) => {
        await launch(`--solo -d exec record ${words.map(quoted).join(' ')}`)
        expect(await arrived(head)).toEqual(words)
      }),
      { numRuns: 15 },
    )
    await stopped()
  })

  test('exec on two nodes gives each its rank, the workers first and headless, hostile words and all', async () => {
    const { stdout, code } = await launch(`-d exec record -tp 2 ${quoted('{"a": "b c"}')} ${quoted('$x\n`y`')}`)
    expect(code).toBe(0)
    const common = ['-tp', '2', '{"a": "b c"}', '$x\n`y`', '--nnodes', '2', '--node-rank']
    const master = ['--master-addr', '192.168.177.11', '--master-port', '29501']
    expect(await arrived(head)).toEqual([...common, '0', ...master])
    expect(await arrived(worker)).toEqual([...common, '1', ...master, '--headless'])
    const lines = stdout.split('\n')
    expect(lines.slice(0, 2)).toEqual([
      'Loading configuration from .env file...',
      'Loaded .env variables: CLUSTER_NODES COPY_HOSTS LOCAL_IP ETH_IF IB_IF',
    ])
    expect(lines).toContain('Docker image consistency check passed.')
    expect(lines.indexOf('Launching worker (rank 1) on 192.168.177.12...')).toBeLessThan(
      lines.findIndex((line) => line.startsWith('Executing command on head node (rank 0): ')),
    )
    expect(stdout).toEndWith('Command dispatched in background (Daemon mode). Container: vllm_node\n')
  })

  test('status and stop say what they say, and stop leaves nothing', async () => {
    const status = await launch('status')
    expect(status.stdout).toEndWith(
      "Action: status\nChecking status...\n[HEAD] 192.168.177.11: Container 'vllm_node' is RUNNING.\n[WORKER] 192.168.177.12: Container 'vllm_node' is RUNNING.\n",
    )
    const stop = await launch('stop')
    expect(stop.code).toBe(0)
    expect(stop.stdout).toEndWith(
      'Action: stop\n\nStopping cluster...\nStopping head node (192.168.177.11)...\nStopping worker node (192.168.177.12)...\nCluster stopped.\n',
    )
    expect(cluster.processes().filter((one) => one.container === 'vllm_node')).toEqual([])
    expect((await launch('--solo status')).stdout).toEndWith(
      "[HEAD] 127.0.0.1: Container 'vllm_node' is NOT running.\n--- Ray Status ---\nFailed to get ray status.\n------------------\n",
    )
  })

  test('a command for one node on two configured ones runs on the head alone, one for three is refused', async () => {
    const one = await launch('-d exec record -tp 1')
    expect(one.stdout).toContain('Note: Command requires 1 node(s) (tp=1); using 1 of 2 configured node(s).')
    expect(await arrived(head)).toContain('-tp')
    expect((await worker.run('docker ps -q --filter name=vllm_node')).stdout).toBe('')
    await stopped()
    const three = await launch('-d exec record -tp 3')
    expect(three).toMatchObject({ code: 1 })
    expect(three.stdout).toContain('Error: Command requires 3 nodes (tp=3) but only 2 node(s) are configured.')
  })

  test('a second exec into a running container skips the launch and runs all the same', async () => {
    await launch('--solo -d start')
    const { stdout } = await launch('--solo -d exec record again')
    expect(stdout).toContain(
      "Warning: Container 'vllm_node' is already running on head node (127.0.0.1).\nCluster containers are already running. Skipping launch.\n",
    )
    expect(await arrived(head)).toEqual(['again'])
    await launch('--solo stop')
  })

  test('in the foreground ends with the command’s code and stops the cluster; so does a lost session', async () => {
    const ended = await launch("--solo exec bash -c 'exit 3'")
    expect(ended.code).toBe(3)
    expect(ended.stdout).toEndWith('Stopping cluster...\nStopping head node (127.0.0.1)...\nCluster stopped.\n')
    const session = Bun.spawn(
      ['/bin/sh', '-c', 'cd ~/spark-vllm-docker && ./launch-cluster.sh --solo exec sleep 300'],
      {
        env: Object.fromEntries(
          readFileSync(join(head.directory, 'environment'), 'utf8')
            .split('\n')
            .filter(Boolean)
            .map((line) => /^export (\w+)='(.*)'$/.exec(line)?.slice(1, 3) ?? []),
        ),
        stdio: ['ignore', 'ignore', 'ignore'],
        detached: true,
      },
    )
    await until(() => cluster.processes().some((one) => one.args.join(' ') === 'sleep 300'))
    process.kill(-session.pid, 'SIGHUP')
    await until(() => !cluster.processes().some((one) => one.container === 'vllm_node'))
  })

  test('--launch-script runs the file inside, with the rank behind it on two nodes', async () => {
    writeFileSync(join(head.home, 'model.sh'), '#!/bin/bash\nexport A="b"\nrecord "$A" -tp 2 \\\n  {"x": 1}\n')
    expect((await launch('-d --launch-script ~/model.sh exec')).code).toBe(0)
    expect((await arrived(head)).slice(0, 7)).toEqual(['b', '-tp', '2', '{x:', '1}', '--nnodes', '2'])
    expect(await arrived(worker)).toContain('--headless')
    await stopped()
  })

  test('another image on the worker, a missing one, and a worker out of reach end the launch', async () => {
    const images = join(worker.directory, 'state/images.json')
    const before = readFileSync(images, 'utf8')
    writeFileSync(images, before.replace(/sha256:[0-9a-f]{8}/, 'sha256:00000000'))
    const drift = await launch('-d exec record -tp 2')
    expect(drift.code).toBe(1)
    expect(drift.stdout).toContain(
      "Error: Cluster launch aborted because image 'vllm-node' is not in sync.\nSync it with: ./build-and-copy.sh --no-build -t vllm-node --copy-to 192.168.177.12\n",
    )
    writeFileSync(images, before)
    expect((await launch('-t nothing -d exec record -tp 2')).stdout).toEndWith(
      "Error: Could not inspect image 'nothing' on head node (192.168.177.11).\n",
    )
    await worker.inject('link-down', 60)
    const lost = await launch('-d exec record -tp 2')
    expect(lost).toMatchObject({ code: 1 })
    expect(lost.stdout).toEndWith(
      'Error: Passwordless SSH to 192.168.177.12 failed.\n  Please ensure SSH keys are configured and the host is reachable.\n',
    )
    await worker.clear()
    expect((await head.run('docker ps -q --filter name=vllm_node')).stdout).toBe('')
  })

  test('wants an action, knows no other, and --check-config only looks', async () => {
    expect(await launch('')).toMatchObject({
      code: 1,
      stdout: 'Error: No action specified. Use: start | stop | status | exec\n',
    })
    expect((await launch('begin')).stdout).toStartWith('Error: Unknown argument or action: begin\n')
    const checked = await launch('--check-config')
    expect(checked.code).toBe(0)
    expect(checked.stdout).toEndWith('Configuration Check Complete.\n')
    expect((await launch('--solo --no-ray status')).stdout).toContain('cannot be used with --solo')
  })

  test('--ray starts Ray first and adds its backend', async () => {
    const { stdout } = await launch('--ray -d exec record -tp 2')
    expect(stdout).toContain('Cluster head is responsive.\n')
    expect(await arrived(head)).toEqual(['-tp', '2', '--distributed-executor-backend', 'ray'])
    expect((await launch('--ray status')).stdout).toContain('--- Ray Status ---\n======== Autoscaler status:')
    await stopped()
  })
})

describe('launch-cluster.sh of January 2026', () => {
  let cluster: SimulatedCluster
  let head: SimulatedHost

  beforeAll(async () => {
    cluster = await simulatedCluster({ hosts: 2, speed: 20, ports: 'free', launcher: 'old' })
    head = cluster.hosts[0] as SimulatedHost
    recorder(cluster)
  })
  afterAll(() => cluster.stop())

  const launch = (words: string) => head.run(`cd ~/spark-vllm-docker && ./launch-cluster.sh ${words}`)

  test('starts by default, with Ray on 6379, and has no --solo', async () => {
    const { stdout } = await launch('-d')
    expect(stdout).toContain('Action: start\n')
    expect(stdout).toEndWith('Cluster started in background (Daemon mode).\n')
    expect(cluster.processes().some((one) => one.args.join(' ').includes('raylet'))).toBe(true)
    expect(await launch('--solo exec x')).toMatchObject({ code: 1 })
  })

  test('breaks words that hold quotes or blanks, and takes an unknown word for a command', async () => {
    await launch(`exec record ${quoted('{"a": "b c"}')} ${quoted('$HOSTNAME')}`)
    expect(await arrived(head)).toEqual(['{a:', 'b c}', 'spark-1'])
    await launch('record plain')
    expect(await arrived(head)).toEqual(['plain'])
    await launch('stop')
  })
})
