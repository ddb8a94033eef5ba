import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Frame, frames, readSample } from './sample'

const text = `\x1eproc
MemTotal:       127600748 kB
MemFree:         1000000 kB
MemAvailable:   34565120 kB
0.66 1.22 0.82 2/1234 5678
261195.10 5000000.00
1b4e28ba-2fa1-11d2-883f-0016d3cca427
\x1econtainers
vllm_node|vllm-node|running|Up 12 minutes
\x1edocker
ok
\x1egpu
NVIDIA GB10, 7, 48, 11.27, 2411
\x1eprocesses
274571, VLLM::EngineCore, 14965
274572, VLLM::Worker_TP0, 35
\x1edisk
Filesystem     1024-blocks      Used Available Capacity Mounted on
/dev/nvme0n1p2   959785008 500000000 410000000      55% /
\x1eaddresses
1: lo    inet 127.0.0.1/8 scope host lo
2: enP7s7    inet 192.0.2.11/24 brd 192.0.2.255 scope global enP7s7
5: wg0    inet 10.8.0.2/24 scope global wg0
\x04
`

function read(chunks: Uint8Array[]): Frame[] {
  const seen: Frame[] = []
  const push = frames((frame) => seen.push(frame))
  for (const chunk of chunks) push(chunk)
  return seen
}

test('readSample() reads every section of a frame', () => {
  const [frame] = read([Buffer.from(text)])
  const { facts, docker } = readSample(frame as Frame)
  expect(docker).toBe(true)
  expect(facts).toMatchObject({
    memory_total_bytes: 127600748 * 1024,
    memory_available_bytes: 34565120 * 1024,
    memory_gpu_bytes: 15000 * 1024 * 1024,
    gpu_name: 'NVIDIA GB10',
    gpu_utilization_percent: 7,
    gpu_power_w: 11.27,
    load_1m: 0.66,
    uptime_s: 261195.1,
    boot_id: '1b4e28ba-2fa1-11d2-883f-0016d3cca427',
    vpn_address: '10.8.0.2',
    disk_total_bytes: 959785008 * 1024,
    disk_available_bytes: 410000000 * 1024,
    containers: [{ name: 'vllm_node', image: 'vllm-node', state: 'running', status: 'Up 12 minutes' }],
  })
})

test('readSample() takes [N/A], N/A and Not Supported as unknown, never as 0', () => {
  for (const absent of ['[N/A]', 'N/A', 'Not Supported', '[Not Supported]', '']) {
    const { facts } = readSample(new Map([['gpu', `NVIDIA GB10, ${absent}, ${absent}, ${absent}, ${absent}`]]))
    expect(facts.gpu_utilization_percent).toBeNull()
    expect(facts.gpu_power_w).toBeNull()
  }
})

test('readSample() does not take an unanswered docker for an empty one', () => {
  const { facts, docker } = readSample(
    new Map([
      ['containers', 'Cannot connect to the Docker daemon'],
      ['docker', 'failed'],
    ]),
  )
  expect(docker).toBe(false)
  expect(facts.containers).toBeUndefined()
})

test('frames() finds the same frames however the bytes are cut', () => {
  const bytes = Buffer.from(text + text)
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
      const marks = [0, ...cuts.sort((a, b) => a - b), bytes.length]
      const chunks = marks.slice(1).map((mark, n) => bytes.subarray(marks[n], mark))
      expect(read(chunks)).toEqual(read([bytes]))
    }),
  )
})

test('readSample() never throws, whatever a host prints', () => {
  const sections = ['proc', 'gpu', 'processes', 'disk', 'addresses', 'containers', 'docker']
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...sections), fc.string({ unit: 'binary' }))), (rows) => {
      readSample(new Map(rows))
    }),
  )
})
