import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writePrograms } from '../layout'
import { gpuLine } from '../machine/figures'
import { writeNetwork } from '../machine/network'

// The small programs alone, on a machine whose figures the test writes.
let cluster: string
let directory: string

beforeAll(() => {
  cluster = mkdtempSync(join(tmpdir(), 'spark-programs-'))
  directory = join(cluster, 'hosts/spark-1')
  for (const folder of ['state/memory', 'proc/sys/kernel/random', 'sys/class/thermal/thermal_zone0'])
    mkdirSync(join(directory, folder), { recursive: true })
  writePrograms(join(directory, 'bin'))
  write('state/gpu', '0 40 11.17 2411 P0\n')
  write('state/disk', '982819848192 600000000000 382819848192\n')
  write('proc/meminfo', 'MemTotal:       127600748 kB\n')
  write('sys/class/thermal/thermal_zone0/temp', '51000\n')
  writeNetwork(directory, { id: 'spark-1', address: '127.0.0.11', fabric: '192.168.177.11' })
  write('addresses', 'id=spark-1\naddress=127.0.0.11\nfabric=192.168.177.11\n')
})
afterAll(() => rmSync(cluster, { recursive: true, force: true }))

const write = (file: string, text: string) => writeFileSync(join(directory, file), text)

function run(...argv: string[]) {
  const environment = {
    PATH: `${join(directory, 'bin')}:/usr/bin:/bin`,
    SPARK_SIM_DIR: directory,
    SPARK_SIM_CLUSTER: cluster,
    SPARK_SIM_HOST: 'spark-1',
    HOME: directory,
  }
  const { stdout, stderr, exitCode } = Bun.spawnSync(['/bin/sh', '-c', '"$@"', 'sh', ...argv], { env: environment })
  return { stdout: String(stdout), stderr: String(stderr), code: exitCode }
}

describe('nvidia-smi', () => {
  test.each([
    [
      'memory.total,memory.used,memory.free,utilization.gpu,power.draw,temperature.gpu',
      'csv',
      'memory.total [MiB], memory.used [MiB], memory.free [MiB], utilization.gpu [%], power.draw [W], temperature.gpu\n[N/A], [N/A], [N/A], 0 %, 11.17 W, 40\n',
    ],
    [
      'name,driver_version,temperature.gpu,power.draw,memory.used,utilization.gpu',
      'csv,noheader,nounits',
      'NVIDIA GB10, 580.126.09, 40, 11.17, [N/A], 0\n',
    ],
    [
      'name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw,power.limit,clocks.current.sm,clocks.current.memory',
      'csv,noheader,nounits',
      'NVIDIA GB10, 0, [N/A], [N/A], 40, 11.17, [N/A], 2411, [N/A]\n',
    ],
    ['name', 'csv,noheader', 'NVIDIA GB10\n'],
  ])('--query-gpu=%s as --format=%s', (query, format, text) => {
    expect(run('nvidia-smi', `--query-gpu=${query}`, `--format=${format}`)).toEqual({
      stdout: text,
      stderr: '',
      code: 0,
    })
  })

  test('names the processes that hold memory, and only living ones', () => {
    write(`state/memory/${process.pid}`, `${14965 * 2 ** 20} VLLM::EngineCore`)
    write('state/memory/99999999', '1073741824 VLLM::Worker_TP0')
    const query = ['--query-compute-apps=pid,process_name,used_gpu_memory', '--format=csv']
    expect(run('nvidia-smi', ...query).stdout).toBe(
      `pid, process_name, used_gpu_memory [MiB]\n${process.pid}, VLLM::EngineCore, 14965 MiB\n`,
    )
    expect(run('nvidia-smi', query[0] ?? '', '--format=csv,noheader,nounits').stdout).toBe(
      `${process.pid}, VLLM::EngineCore, 14965\n`,
    )
    expect(run('nvidia-smi').stdout).toContain(
      `\n|    0   N/A  N/A ${String(process.pid).padStart(15)}      C   VLLM::EngineCore                      14965MiB |\n`,
    )
    rmSync(join(directory, 'state/memory', String(process.pid)))
  })

  test.each([['-l 1'], ['--loop=1'], ['-lms 20'], ['--loop-ms=20']])(
    'loops with %s until nobody reads, its header told once',
    async (loop) => {
      const words = ['--query-gpu=utilization.gpu,clocks_throttle_reasons.active', '--format=csv', ...loop.split(' ')]
      const child = Bun.spawn([join(directory, 'bin/nvidia-smi'), ...words], {
        env: { PATH: '/usr/bin:/bin', SPARK_SIM_DIR: directory },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let text = ''
      for await (const part of child.stdout) {
        text += new TextDecoder().decode(part)
        if (text.split('\n').length > 3) break
      }
      await child.exited
      expect(text.split('\n').slice(0, 3)).toEqual([
        'utilization.gpu [%], clocks_throttle_reasons.active',
        '0 %, 0x0000000000000001',
        '0 %, 0x0000000000000001',
      ])
    },
  )

  test('tells a GPU that is held back by heat', () => {
    const gpu = gpuLine({ activity: 1, temperature: 91 }, 0)
    write('state/gpu', gpu)
    const reasons = ['active', 'hw_thermal_slowdown', 'sw_thermal_slowdown', 'gpu_idle']
    const query = reasons.map((reason) => `clocks_throttle_reasons.${reason}`).join(',')
    expect(run('nvidia-smi', `--query-gpu=temperature.gpu,clocks.sm,${query}`, '--format=csv,noheader').stdout).toBe(
      '91, 1404 MHz, 0x0000000000000060, Active, Active, Not Active\n',
    )
    write('state/gpu', '0 40 11.17 2411 P0\n')
  })

  test('draws its table as a GB10 does', () => {
    const { stdout } = run('nvidia-smi')
    expect(stdout).toContain(
      `
|   0  NVIDIA GB10                    On  |   0000000F:01:00.0 Off |                  N/A |
| N/A   40C    P0             11W /  N/A  | Not Supported          |      0%      Default |
|                                         |                        |                  N/A |
`,
    )
    expect(stdout).toContain(
      '\n|  No running processes found                                                             |\n',
    )
    const widths = new Set(
      stdout
        .split('\n')
        .slice(1)
        .filter(Boolean)
        .map((line) => line.length),
    )
    expect([...widths]).toEqual([91])
  })

  test('refuses a field that there is not', () => {
    expect(run('nvidia-smi', '--query-gpu=name,colour', '--format=csv,noheader')).toMatchObject({ code: 2 })
  })
})

describe('cat, grep', () => {
  test('read /proc and /sys of the simulated machine, and every other path as it is', () => {
    expect(run('cat', '/proc/meminfo').stdout).toBe('MemTotal:       127600748 kB\n')
    expect(run('grep', 'MemTotal', '/proc/meminfo').stdout).toBe('MemTotal:       127600748 kB\n')
    expect(run('cat', '/sys/class/thermal/thermal_zone*/temp').stdout).toBe('51000\n')
    write('two words.txt', 'kept\n')
    expect(run('cat', join(directory, 'two words.txt')).stdout).toBe('kept\n')
  })

  test('do not tell of the real machine what the simulated one lacks', () => {
    expect(run('cat', '/proc/cpuinfo')).toMatchObject({ stdout: '', code: 1 })
  })
})

test('df tells the one disk, in the unit asked for', () => {
  expect(run('df', '-kP', directory).stdout).toBe(
    'Filesystem     1024-blocks        Used   Available Capacity Mounted on\n/dev/nvme0n1p2   959785008   585937500   373847508      62% /\n',
  )
  expect(run('df', '-B1', '/').stdout.split('\n')[1]).toBe(
    '/dev/nvme0n1p2 982819848192 600000000000 382819848192      62% /',
  )
  expect(run('df', '-kP', '/no/such/folder')).toMatchObject({
    stderr: 'df: /no/such/folder: No such file or directory\n',
    code: 1,
  })
})

test('ip, hostname and ibdev2netdev tell a Spark’s ports', () => {
  expect(
    run('ip', '-o', '-4', 'addr', 'show')
      .stdout.split('\n')
      .map((line) => line.split(/\s+/).slice(1, 4).join(' '))
      .slice(0, 3),
  ).toEqual(['lo inet 127.0.0.1/8', 'enP7s7 inet 127.0.0.11/24', 'enp1s0f1np1 inet 192.168.177.11/24'])
  expect(JSON.parse(run('ip', '-j', 'addr').stdout)[2]).toMatchObject({
    ifname: 'enp1s0f1np1',
    addr_info: [{ local: '192.168.177.11' }],
  })
  expect(run('ip', '-o', '-4', 'addr', 'show', 'tailscale0').stdout).toContain('inet 100.64.0.11/32 scope global')
  expect(run('ip', '-o', 'link', 'show', 'enp1s0f0np0').stdout).toContain('mtu 1500 qdisc mq state DOWN')
  expect(run('ip', 'link', 'show', 'eth0')).toMatchObject({ stderr: 'Device "eth0" does not exist.\n', code: 1 })
  expect(run('cat', '/sys/class/net/enp1s0f1np1/speed', '/sys/class/infiniband/rocep1s0f1/ports/1/state').stdout).toBe(
    '200000\n4: ACTIVE\n',
  )
  expect(run('ls', '/sys/class/infiniband').stdout.split('\n')).toContain('roceP2p1s0f1')
  expect(run('hostname').stdout).toBe('spark-1\n')
  expect(run('ibdev2netdev').stdout.match(/\(Up\)/g)).toHaveLength(2)
})

test('dmesg is open on the first Spark alone', () => {
  write('state/dmesg', '[  261.000000] NVRM: Xid (PCI:000f:01:00): 31\n')
  write('proc/stat', 'btime 1767225600\n')
  expect(run('dmesg').stdout).toBe('[  261.000000] NVRM: Xid (PCI:000f:01:00): 31\n')
  expect(run('dmesg', '-T').stdout).toMatch(/^\[\w{3} \w{3} +\d+ [\d:]{8} \d{4}\] NVRM: Xid/)
  expect(run('env', 'SPARK_SIM_HOST=spark-2', 'dmesg')).toEqual({
    stdout: '',
    stderr: 'dmesg: read kernel buffer failed: Operation not permitted\n',
    code: 1,
  })
})

test('curl asks the Spark itself where it says localhost', async () => {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: ({ url }) => new Response(`${new URL(url).pathname} answered`, { status: url.endsWith('/no') ? 500 : 200 }),
  })
  const ask = async (...words: string[]) => {
    const environment = { PATH: '/usr/bin:/bin', SPARK_SIM_ADDRESS: '127.0.0.1' }
    const child = Bun.spawn([join(directory, 'bin/curl'), ...words], { env: environment, stderr: 'pipe' })
    const [stdout, stderr, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ])
    return { stdout, stderr, code }
  }
  const at = `http://localhost:${server.port}`
  expect(await ask('-fsS', `${at}/yes`)).toEqual({ stdout: '/yes answered', stderr: '', code: 0 })
  expect(await ask('-fsS', '-m', '3', `${at}/no`)).toMatchObject({ stdout: '', code: 22 })
  await server.stop(true)
  expect(await ask('-fsS', at)).toMatchObject({ stdout: '', code: 7 })
})

test('sudo wants a password that nobody can type', () => {
  expect(run('sudo', '-n', 'tee', '/proc/sys/vm/drop_caches')).toEqual({
    stdout: '',
    stderr: 'sudo: a password is required\n',
    code: 1,
  })
})

test('ssh knows no host that is none of the cluster’s', () => {
  expect(run('ssh', 'spark@127.0.0.99', 'true')).toMatchObject({
    code: 255,
    stderr: 'ssh: Could not resolve hostname 127.0.0.99: Name or service not known\n',
  })
})
