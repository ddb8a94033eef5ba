import { plainText } from './plain-text'
import type { GpuProcess, HostFacts } from './snapshot'
import { isVpn } from './vpn-interface'

/** A frame of the sampler: section name to its text. */
export type Frame = Map<string, string>

/** Cuts the sampler's bytes into frames, however they arrive. */
export function frames(onFrame: (frame: Frame) => void, maxBytes = 1024 * 1024) {
  let pending = ''
  const decoder = new TextDecoder()
  return function push(chunk: Uint8Array) {
    pending += decoder.decode(chunk, { stream: true })
    for (let end = pending.indexOf('\x04'); end >= 0; end = pending.indexOf('\x04')) {
      onFrame(frame(pending.slice(0, end)))
      pending = pending.slice(end + 1)
    }
    // A host that never ends a frame is broken or hostile; memory here must not depend on it.
    if (pending.length > maxBytes) pending = ''
  }
}

function frame(text: string): Frame {
  const sections = text.split('\x1e').slice(1)
  return new Map(sections.map((section) => split(section, '\n')))
}

/** When a frame was asked for and when it came, ms since the epoch. */
export interface FrameTimes {
  asked: number
  came: number
}

/** Reads frames one after another, since rates come of two; what a section does not tell is null, what was not asked is absent. */
export function sampleReader() {
  let cpu: { busy: number; all: number } | null = null
  let traffic: { at: number; bytes: Map<string, [number, number]> } | null = null
  let addresses: Record<string, string> = {}

  return function read(frame: Frame, { asked, came }: FrameTimes): Partial<HostFacts> {
    const facts: Partial<HostFacts> = {}
    const of = (section: string, take: (text: string) => Partial<HostFacts>) => {
      const text = frame.get(section)
      if (text !== undefined) Object.assign(facts, take(text))
    }
    of('addresses', readAddresses)
    addresses = facts.addresses ?? addresses
    of('proc', (text) => ({ ...readProc(text), cpu_percent: cpuPercent(text), network: network(text, came) }))
    of('processes', readProcesses)
    of('disk', readDisk)
    of('clock', (text) => ({ clock_skew_s: skew(text, (asked + came) / 2) }))
    of('kernel', readKernel)
    return facts
  }

  function cpuPercent(text: string): number | null {
    const ticks = /^cpu +([\d ]+)$/m.exec(text)?.[1]?.trim().split(/ +/).map(Number)
    if (!ticks) return null
    const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0] = ticks
    const now = { busy: user + nice + system + irq + soft, all: user + nice + system + idle + wait + irq + soft }
    const before = cpu
    cpu = now
    if (!before || now.all <= before.all) return null
    return clamp(((now.busy - before.busy) / (now.all - before.all)) * 100)
  }

  function network(text: string, at: number): HostFacts['network'] {
    const bytes = new Map<string, [number, number]>()
    for (const [, name = '', counters = ''] of text.matchAll(/^ *([A-Za-z0-9_.@-]+): *((?:\d+ +){15}\d+)\s*$/gm)) {
      const numbers = counters.trim().split(/ +/).map(Number)
      bytes.set(plainText(name), [numbers[0] ?? 0, numbers[8] ?? 0])
    }
    const before = traffic
    traffic = { at, bytes }
    if (!before || at <= before.at) return {}
    const rate = (now: number, then: number) => Math.max(0, Math.round(((now - then) * 1000) / (at - before.at)))
    const rows = [...bytes].flatMap(([name, [rx, tx]]) => {
      const then = before.bytes.get(name)
      if (!then || name === 'lo' || !Object.hasOwn(addresses, name)) return []
      return [[name, { rx_bytes_s: rate(rx, then[0]), tx_bytes_s: rate(tx, then[1]) }] as const]
    })
    return Object.fromEntries(rows)
  }
}

function readProc(text: string): Partial<HostFacts> {
  const kib = (name: string) => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
    return found === undefined ? null : Number(found) * 1024
  }
  const number = (pattern: RegExp) => {
    const found = pattern.exec(text)?.[1]
    return found === undefined ? null : Number(found)
  }
  const [swapTotal, swapFree] = [kib('SwapTotal'), kib('SwapFree')]
  const zones = [...text.matchAll(/^(\d{4,6})$/gm)].map(([, millidegrees]) => Number(millidegrees) / 1000)
  return {
    memory_total_bytes: kib('MemTotal'),
    memory_available_bytes: kib('MemAvailable'),
    memory_cached_bytes: kib('Cached'),
    swap_used_bytes: swapTotal === null || swapFree === null ? null : swapTotal - swapFree,
    memory_pressure_percent: number(/^some avg10=(\d+\.\d+) /m),
    load_1m: number(/^(\d+\.\d+) \d+\.\d+ \d+\.\d+ \d+\/\d+ \d+$/m),
    uptime_s: number(/^(\d+\.\d+) \d+\.\d+$/m),
    boot_id: /^[0-9a-f]{8}-[0-9a-f-]{27}$/m.exec(text)?.[0] ?? null,
    temperature_c: zones.length > 0 ? Math.max(...zones) : null,
  }
}

const throttling = 0x8 | 0x20 | 0x40 | 0x80

/** Reads one line of the GPU's stream. */
export function readGpu(line: string): Partial<HostFacts> {
  const [name, driver, utilization, temperature, power, clock, throttle = ''] = line.split(',').map((f) => f.trim())
  return {
    gpu_name: name ? plainText(name) : null,
    gpu_driver: driver && /^\d+(\.\d+)+$/.test(driver) ? driver : null,
    gpu_utilization_percent: figure(utilization),
    gpu_temperature_c: figure(temperature),
    gpu_power_w: figure(power),
    gpu_clock_mhz: figure(clock),
    // Bits of NVML's clock event reasons: hardware slowdown, software and hardware thermal, power brake.
    gpu_throttled: /^0x[0-9a-f]+$/i.test(throttle) ? (Number(throttle) & throttling) !== 0 : null,
  }
}

/** What a GPU that no longer tells is known to be: nothing. */
export const noGpu: Partial<HostFacts> = {
  gpu_utilization_percent: null,
  gpu_temperature_c: null,
  gpu_power_w: null,
  gpu_clock_mhz: null,
  gpu_throttled: null,
}

function readProcesses(text: string): Partial<HostFacts> {
  if (text.trim() === 'failed') return { gpu_processes: null, memory_gpu_bytes: null }
  const processes = text.split('\n').flatMap((line): GpuProcess[] => {
    const [pid, ...rest] = line.split(',').map((field) => field.trim())
    const mib = figure(rest.at(-1))
    if (figure(pid) === null || mib === null) return []
    return [{ pid: Number(pid), name: plainText(rest.slice(0, -1).join(', ')), bytes: mib * 1024 * 1024 }]
  })
  return {
    gpu_processes: processes.toSorted((a, b) => b.bytes - a.bytes).slice(0, 50),
    memory_gpu_bytes: processes.reduce((sum, each) => sum + each.bytes, 0),
  }
}

function readDisk(text: string): Partial<HostFacts> {
  const row = text.trim().split('\n').at(-1)?.trim().split(/\s+/) ?? []
  const [total, available] = [figure(row[1]), figure(row[3])]
  return {
    disk_total_bytes: total === null ? null : total * 1024,
    disk_available_bytes: available === null ? null : available * 1024,
  }
}

function readAddresses(text: string): Partial<HostFacts> {
  const rows = [...text.matchAll(/^\d+:\s+(\S+)\s+inet (\d+\.\d+\.\d+\.\d+)/gm)]
  const addresses = Object.fromEntries(rows.map(([, name, address]) => [plainText(name ?? ''), address ?? '']))
  const vpn = rows.find(([, name]) => isVpn(name ?? ''))
  return { addresses, vpn_address: vpn?.[2] ?? null }
}

function readKernel(text: string): Partial<HostFacts> {
  const kills = /^oom_kill (\d+)$/m.exec(text)?.[1]
  const lines = text.split('\n').filter((line) => /NVRM: Xid|Out of memory|oom-kill|NV_ERR_NO_MEMORY/.test(line))
  return {
    oom_kills: kills === undefined ? null : Number(kills),
    kernel_trouble: /^unreadable$/m.test(text) ? null : lines.map((line) => plainText(line)),
  }
}

function skew(text: string, at: number): number | null {
  const seconds = /^(\d{9,11}(?:\.\d+)?)/.exec(text.trim())?.[1]
  return seconds === undefined ? null : Math.round(Number(seconds) * 10 - at / 100) / 10
}

// GB10 answers `[N/A]`, `N/A` or `Not Supported` where other GPUs have a figure: that is unknown, never 0.
function figure(text: string | undefined): number | null {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null
}

function clamp(percent: number): number {
  return Math.round(Math.min(100, Math.max(0, percent)) * 10) / 10
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
