import type { ContainerFact, HostFacts } from './snapshot'

/** A frame of the sampler: section name to its text. */
export type Frame = Map<string, string>

/** What one frame adds to a host's facts; `docker` is false when docker did not answer. */
export interface Sample {
  facts: Partial<HostFacts>
  docker: boolean | null
}

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

/** Reads one frame; what a section does not tell is null, what was not asked is absent. */
export function readSample(frame: Frame): Sample {
  const facts: Partial<HostFacts> = {}
  const proc = frame.get('proc')
  if (proc !== undefined) Object.assign(facts, readProc(proc))
  const gpu = frame.get('gpu')
  if (gpu !== undefined) Object.assign(facts, readGpu(gpu))
  const processes = frame.get('processes')
  if (processes !== undefined) facts.memory_gpu_bytes = readProcesses(processes)
  const disk = frame.get('disk')
  if (disk !== undefined) Object.assign(facts, readDisk(disk))
  const addresses = frame.get('addresses')
  if (addresses !== undefined) Object.assign(facts, readAddresses(addresses))
  const answered = frame.get('docker')?.trim()
  const docker = answered === undefined ? null : answered === 'ok'
  if (docker) facts.containers = readContainers(frame.get('containers') ?? '')
  return { facts, docker }
}

function readProc(text: string): Partial<HostFacts> {
  const kib = (name: string) => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
    return found === undefined ? null : Number(found) * 1024
  }
  const load = /^(\d+\.\d+) \d+\.\d+ \d+\.\d+ \d+\/\d+ \d+$/m.exec(text)?.[1]
  const uptime = /^(\d+\.\d+) \d+\.\d+$/m.exec(text)?.[1]
  return {
    memory_total_bytes: kib('MemTotal'),
    memory_available_bytes: kib('MemAvailable'),
    load_1m: load === undefined ? null : Number(load),
    uptime_s: uptime === undefined ? null : Number(uptime),
    boot_id: /^[0-9a-f]{8}-[0-9a-f-]{27}$/m.exec(text)?.[0] ?? null,
  }
}

function readGpu(text: string): Partial<HostFacts> {
  const [name, utilization, temperature, power, clock] = (text.trim().split('\n')[0] ?? '')
    .split(',')
    .map((f) => f.trim())
  return {
    gpu_name: name ? plain(name) : null,
    gpu_utilization_percent: figure(utilization),
    gpu_temperature_c: figure(temperature),
    gpu_power_w: figure(power),
    gpu_clock_mhz: figure(clock),
  }
}

function readProcesses(text: string): number {
  const mib = text.split('\n').map((line) => figure(line.split(',').at(-1)?.trim()) ?? 0)
  return mib.reduce((sum, each) => sum + each, 0) * 1024 * 1024
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
  const addresses = Object.fromEntries(rows.map(([, name, address]) => [plain(name ?? ''), address ?? '']))
  const vpn = rows.find(([, name]) => /^(wg|tailscale|ts|nb-|wt)\d*/.test(name ?? ''))
  return { addresses, vpn_address: vpn?.[2] ?? null }
}

function readContainers(text: string): ContainerFact[] {
  const rows = text.split('\n').filter((line) => line.includes('|'))
  return rows.map((line) => {
    const [name = '', image = '', state = '', status = ''] = line.split('|').map(plain)
    return { name, image, state, status }
  })
}

// GB10 answers `[N/A]`, `N/A` or `Not Supported` where other GPUs have a figure: that is unknown, never 0.
function figure(text: string | undefined): number | null {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null
}

function plain(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '').slice(0, 200)
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
