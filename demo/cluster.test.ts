import { expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type SimulatedCluster, simulatedCluster } from './cluster'
import type { SimulatedHost } from './host'
import { processesOf } from './machine/processes'

async function until(holds: () => Promise<boolean> | boolean) {
  while (!(await holds())) await Bun.sleep(20)
}

async function withCluster(
  options: Parameters<typeof simulatedCluster>[0],
  use: (cluster: SimulatedCluster, head: SimulatedHost) => Promise<void>,
) {
  const cluster = await simulatedCluster({ ports: 'free', speed: 200, ...options })
  try {
    await use(cluster, cluster.hosts[0] as SimulatedHost)
  } finally {
    await cluster.stop()
  }
}

const available = (host: SimulatedHost) =>
  Number(/MemAvailable:\s+(\d+)/.exec(readFileSync(join(host.directory, 'proc/meminfo'), 'utf8'))?.[1]) * 1024

test('simulatedCluster() writes a config of every host and service, and stop() leaves no process and no folder', async () => {
  let directory = ''
  await withCluster({ hosts: 3 }, async (cluster) => {
    directory = cluster.directory
    const config = parse(readFileSync(cluster.configPath, 'utf8'))
    expect(Object.values(config.hosts).map((host) => (host as { address: string }).address)).toEqual([
      '127.0.0.11',
      '127.0.0.12',
      '127.0.0.13',
    ])
    expect(config).toMatchObject({
      demo: true,
      ssh: { key: join(directory, 'id_ed25519') },
      hosts: { 'spark-3': { user: 'spark', launcher: '~/spark-vllm-docker', fabric: '192.168.177.13' } },
      services: {
        llm: { kind: 'vllm', hosts: ['spark-1', 'spark-2', 'spark-3'], container: 'vllm_node' },
        embed: { host: 'spark-2', container: 'bge-m3' },
      },
    })
    expect(existsSync(join(directory, 'recipes/llama-3.1-8b-fp8.yaml'))).toBe(true)
  })
  expect(processesOf({ cluster: directory })).toEqual([])
  expect(existsSync(directory)).toBe(false)
})

test('simulatedCluster() takes a folder with blanks in its name, keeps it, and starts again in it', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'spark-cluster-'))
  const directory = join(parent, "two words, it's")
  for (const _ of [1, 2]) {
    await withCluster({ hosts: 1, directory }, async (_cluster, head) => {
      const { stdout } = await head.run(
        "cd ~/spark-vllm-docker && ./launch-cluster.sh --solo -d exec bash -c 'echo ready' && sleep 0.1 && docker logs vllm_node",
      )
      expect(stdout).toEndWith('ready\n')
    })
  }
  expect(existsSync(join(directory, 'spark.config.yaml'))).toBe(true)
  rmSync(parent, { recursive: true })
})

test('memory that a process claims is gone, and comes back when it has ended; past the total the newest claimant is killed', async () => {
  await withCluster({ hosts: 1 }, async (cluster, head) => {
    const claim = `#!/bin/sh\necho "$(($1 * 1073741824)) VLLM::EngineCore" >"$SPARK_SIM_DIR/state/memory/$$"\nexec sleep 500\n`
    writeFileSync(join(cluster.directory, 'container-bin/claim'), claim, { mode: 0o755 })
    await head.run('docker run -d --rm --name a vllm-node sleep infinity')
    const free = available(head)
    await head.run('docker exec -d a claim 80')
    await until(() => available(head) < free - 79 * 2 ** 30)
    await head.run('docker exec -d a claim 60')
    await until(async () => (await head.run('grep oom_kill /proc/vmstat')).stdout === 'oom_kill 1\n')
    expect((await head.run('dmesg')).stdout).toContain('Out of memory: Killed process')
    expect((await head.run("docker inspect --format '{{.State.OOMKilled}}' a")).stdout).toBe('true\n')
    expect((await head.run('docker events --since 1m --until 0s --filter event=oom')).stdout).toContain('name=a')
    expect(cluster.processes().filter((one) => one.args.join(' ') === 'sleep 500')).toHaveLength(1)
    const held = await head.run('nvidia-smi --query-compute-apps=used_gpu_memory --format=csv,noheader')
    expect(held.stdout).toContain('81920 MiB\n')
    expect(held.stdout).not.toContain('61440 MiB')
    await head.run('docker rm -f a')
    await until(() => available(head) > free - 2 ** 30)
  })
})

test.if(process.platform === 'linux')(
  'ss tells the ports that are open on that host, and no others of this machine',
  async () => {
    await withCluster({ hosts: 2 }, async ({ ports, hosts: [, second] }) => {
      const shown = async (words: string) => (await second?.run(`ss -ltnH ${words}`))?.stdout ?? ''
      const open = [second?.sshPort ?? 0, ports.embed, ports.comfy].toSorted((a, b) => a - b)
      expect((await shown('')).match(/(?<=0\.0\.0\.0:)\d+/g)?.map(Number)).toEqual(open)
      expect(await shown(`sport = :${ports.embed}`)).toMatch(/^LISTEN\s.*\s0\.0\.0\.0:\*\n$/)
      expect(await shown(`-p sport = :${ports.embed}`)).not.toContain('users:')
    })
  },
)

test('caches are dropped by a privileged container, not by sudo', async () => {
  await withCluster({ hosts: 1 }, async (_cluster, head) => {
    const cached = async () => Number(/^Cached:\s+(\d+)/m.exec((await head.run('cat /proc/meminfo')).stdout)?.[1])
    expect(await cached()).toBeGreaterThan(2e6)
    await head.run("docker run --rm --privileged vllm-node sh -c 'sync; echo 3 > /proc/sys/vm/drop_caches'")
    await until(async () => (await cached()) < 1e6)
  })
})

test('a demo that is killed leaves no process and no temporary folder behind', async () => {
  const program = `import { simulatedCluster } from ${JSON.stringify(join(import.meta.dir, 'cluster.ts'))}
    const cluster = await simulatedCluster({ hosts: 1, ports: 'free' })
    console.log(cluster.directory)
    setInterval(() => {}, 1000)`
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const demo = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe', stderr: 'inherit' })
    const reader = demo.stdout.getReader()
    const directory = new TextDecoder().decode((await reader.read()).value).trim()
    expect(processesOf({ cluster: directory }).length).toBeGreaterThan(0)
    demo.kill(signal)
    await demo.exited
    await until(() => processesOf({ cluster: directory }).length === 0 && !existsSync(directory))
  }
})

test('a model on two hosts is loaded as a person would load it', async () => {
  const recipes = mkdtempSync(join(tmpdir(), 'spark-recipes-'))
  mkdirSync(recipes, { recursive: true })
  const wide = readFileSync(join(import.meta.dir, '../recipes/llama-3.1-8b-fp8.yaml'), 'utf8').replace(
    /tensor_parallel: 1/,
    'tensor_parallel: 2',
  )
  writeFileSync(join(recipes, 'wide.yaml'), wide)
  await withCluster({ recipes, loaded: 'wide' }, async (cluster) => {
    const models = cluster.processes().filter((one) => one.model)
    expect(models.map((one) => one.host).toSorted()).toEqual(['spark-1', 'spark-2'])
  }).finally(() => rmSync(recipes, { recursive: true }))
})
