import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Frame, frames, readGpu, sampleReader } from './sample'

const at = { asked: 1_800_000_000_000, came: 1_800_000_000_200 }
const text = (busy: number, received: number) => `\x1eproc
MemTotal:       127600748 kB
MemFree:         1000000 kB
MemAvailable:   34565120 kB
Cached:          9000000 kB
SwapTotal:      16777212 kB
SwapFree:       16777000 kB
0.66 1.22 0.82 2/1234 5678
261195.10 5000000.00
1b4e28ba-2fa1-11d2-883f-0016d3cca427
cpu  ${busy} 0 0 ${10_000 - busy} 0 0 0 0 0 0
cpu0 ${busy} 0 0 ${10_000 - busy} 0 0 0 0 0 0
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 900 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0
enP7s7: ${received} 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0
some avg10=1.25 avg60=0.00 avg300=0.00 total=812
full avg10=0.00 avg60=0.00 avg300=0.00 total=812
50800
62100
\x1eprocesses
274572, VLLM::Worker_TP0, 35
274571, VLLM::EngineCore, 14965
\x1edisk
Filesystem     1024-blocks      Used Available Capacity Mounted on
/dev/nvme0n1p2   959785008 500000000 410000000      55% /
\x1eaddresses
1: lo    inet 127.0.0.1/8 scope host lo
2: enP7s7    inet 192.0.2.11/24 brd 192.0.2.255 scope global enP7s7
5: wg0    inet 10.8.0.2/24 scope global wg0
\x1eclock
1800000007.100000000
\x1ekernel
oom_kill 2
[  812.1] NVRM: Xid (PCI:000f:01:00): 79, GPU has fallen off the bus.
\x04
`

function read(chunks: Uint8Array[]): Frame[] {
  const seen: Frame[] = []
  const push = frames((frame) => seen.push(frame))
  for (const chunk of chunks) push(chunk)
  return seen
}

test('sampleReader() reads every section of a frame', () => {
  const [frame] = read([Buffer.from(text(1000, 0))])
  expect(sampleReader()(frame as Frame, at)).toEqual({
    memory_total_bytes: 127600748 * 1024,
    memory_available_bytes: 34565120 * 1024,
    memory_cached_bytes: 9000000 * 1024,
    memory_gpu_bytes: 15000 * 1024 * 1024,
    memory_pressure_percent: 1.25,
    swap_used_bytes: 212 * 1024,
    gpu_processes: [
      { pid: 274571, name: 'VLLM::EngineCore', bytes: 14965 * 1024 * 1024 },
      { pid: 274572, name: 'VLLM::Worker_TP0', bytes: 35 * 1024 * 1024 },
    ],
    cpu_percent: null,
    network: {},
    temperature_c: 62.1,
    load_1m: 0.66,
    uptime_s: 261195.1,
    boot_id: '1b4e28ba-2fa1-11d2-883f-0016d3cca427',
    addresses: { lo: '127.0.0.1', enP7s7: '192.0.2.11', wg0: '10.8.0.2' },
    vpn_address: '10.8.0.2',
    disk_total_bytes: 959785008 * 1024,
    disk_available_bytes: 410000000 * 1024,
    clock_skew_s: 7,
    oom_kills: 2,
    kernel_trouble: ['[  812.1] NVRM: Xid (PCI:000f:01:00): 79, GPU has fallen off the bus.'],
  })
})

test('sampleReader() makes rates of two frames', () => {
  const [first, second] = read([Buffer.from(text(1000, 5000) + text(2000, 25_000))])
  const reader = sampleReader()
  reader(first as Frame, at)
  const later = { asked: at.asked + 2000, came: at.came + 2000 }
  const changed = new Map(second)
  changed.set('proc', (second?.get('proc') ?? '').replace(/^cpu .*$/m, 'cpu  1500 0 500 9000 0 0 0 0 0 0'))
  const facts = reader(changed, later)
  expect(facts.cpu_percent).toBe(100)
  expect(facts.network).toEqual({ enP7s7: { rx_bytes_s: 10_000, tx_bytes_s: 0 } })
})

test('readGpu() reads a line, and takes [N/A], N/A and Not Supported as unknown, never as 0', () => {
  expect(readGpu('NVIDIA GB10, 580.126.09, 7, 48, 11.27, 2411, 0x0000000000000020')).toEqual({
    gpu_name: 'NVIDIA GB10',
    gpu_driver: '580.126.09',
    gpu_utilization_percent: 7,
    gpu_temperature_c: 48,
    gpu_power_w: 11.27,
    gpu_clock_mhz: 2411,
    gpu_throttled: true,
  })
  for (const absent of ['[N/A]', 'N/A', 'Not Supported', '[Not Supported]', '']) {
    const facts = readGpu(`NVIDIA GB10, ${Array(6).fill(absent).join(', ')}`)
    const { gpu_name, ...figures } = facts
    expect(gpu_name).toBe('NVIDIA GB10')
    expect(Object.values(figures)).toEqual(Array(6).fill(null))
  }
})

test('sampleReader() takes a kernel log that may not be read for unknown, not for quiet', () => {
  const facts = sampleReader()(new Map([['kernel', 'oom_kill 0\nunreadable\n']]), at)
  expect(facts).toEqual({ oom_kills: 0, kernel_trouble: null })
})

test('frames() finds the same frames however the bytes are cut', () => {
  const bytes = Buffer.from(text(1, 2) + text(3, 4))
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
      const marks = [0, ...cuts.sort((a, b) => a - b), bytes.length]
      const chunks = marks.slice(1).map((mark, n) => bytes.subarray(marks[n], mark))
      expect(read(chunks)).toEqual(read([bytes]))
    }),
  )
})

test('sampleReader() never throws, whatever a host prints', () => {
  const sections = ['proc', 'processes', 'disk', 'addresses', 'clock', 'kernel']
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...sections), fc.string({ unit: 'binary' }))), (rows) => {
      sampleReader()(new Map(rows), at)
      for (const [, line] of rows) readGpu(line)
    }),
  )
})
