import { randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { noteOutOfMemory } from '../docker/lifecycle'
import { diskLine, modelBytes } from './disk'
import { type Figures, gpuLine, loadavg, memoryPressure, stat, stepFigures, uptimeLine, vmstat } from './figures'
import type { Interface } from './interfaces'
import { kernelLog } from './kernel-log'
import { type Claim, emptyMemory, type Memory, meminfo, outOfMemoryVictim, stepMemory } from './memory'
import { processesOf, signal } from './processes'
import { cachesDropped, faultHolds, overloaded, readClaims, readRequests } from './readings'
import { netDev, stepTraffic, type Traffic } from './traffic'

/** What the kernel and the driver of one simulated host show, kept in its proc/, sys/ and state/ folders. */
export interface MachineModel {
  /** New boot id, empty memory, uptime from zero. */
  reboot(): void
  /** Looks at once instead of at the next quarter of a second. */
  tick(): void
  stop(): void
}

const TICK_MS = 250
const TICKS_A_SECOND = 1000 / TICK_MS
/** How much hotter than the GPU each zone of the board is. */
const ZONES = [9, 4, 6, 2, 7, 1, 3]
const zone = (index: number) => `sys/class/thermal/thermal_zone${index}`
const FOLDERS = ['proc/sys/kernel/random', 'proc/pressure', 'proc/net', 'state/memory', ...ZONES.keys().map(zone)]

/** Starts the model: it reads what processes claim about four times a second and writes what the stand-ins show. */
export function machineModel(directory: string, speed: number, interfaces: Interface[]): MachineModel {
  const hub = join(directory, 'home/.cache/huggingface/hub')
  const claims = join(directory, 'state/memory')
  let memory: Memory = emptyMemory()
  let figures: Figures = { activity: 0, temperature: 38 }
  // A Spark that has been up for a while, so that a reboot shows.
  let bootedAt = Date.now() - 261_195_000
  let busySeconds = 0
  let traffic: Traffic = {}
  let oomKills = 0
  let starved = false
  let ticks = 0
  let claimed = 0
  let full = false
  let soon: Timer | null = null
  const written = new Map<string, string>()
  const uptime = () => (Date.now() - bootedAt) / 1000
  const kernel = kernelLog(directory, uptime)

  function write(file: string, text: string) {
    if (written.get(file) === text) return
    written.set(file, text)
    const path = join(directory, file)
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }

  function stepMemoryOnce() {
    const now = Date.now()
    const [held, eating] = [faultHolds(directory, 'memory-not-released'), faultHolds(directory, 'out-of-memory')]
    if (eating && !starved) kernel.starved()
    starved = eating
    memory = stepMemory(memory, readClaims(directory, memory.claims, now), { held, eating, speed, now })
    if (cachesDropped(directory)) memory = { ...memory, pageCache: 0.4e9 }
    const victim = outOfMemoryVictim(memory, speed, now)
    if (victim) kill(victim)
    write('proc/meminfo', meminfo(memory, speed, now))
  }

  /** The kernel's choice: the newest claimant, without asking. What it takes back this way is there at once. */
  function kill({ pid, name, bytes }: Claim) {
    const container = processesOf({ directory }).find((one) => one.pid === pid)?.container
    memory = { ...memory, claims: memory.claims.filter((claim) => claim.pid !== pid) }
    oomKills++
    kernel.killed(pid, name, bytes)
    if (container) noteOutOfMemory(container, directory)
    signal(pid, 'SIGKILL')
    rmSync(join(claims, String(pid)), { force: true })
  }

  function stepFiguresOnce() {
    const noise = Math.random()
    const total = memory.claims.reduce((sum, { bytes }) => sum + bytes, 0)
    const loading = total > claimed
    claimed = total
    const working = readRequests(directory) * 0.35 + (overloaded(directory) ? 1 : 0)
    const activity = Math.min(1, working + (loading ? 0.3 : 0))
    figures = stepFigures(figures, activity, 1, faultHolds(directory, 'overheat'))
    busySeconds += 0.2 + activity * 4 + noise * 0.2
    traffic = stepTraffic(traffic, interfaces, activity, 1)
    write('state/gpu', gpuLine(figures, noise))
    write('proc/loadavg', loadavg(activity, noise, memory.claims.length))
    write('proc/uptime', uptimeLine(uptime()))
    write('proc/stat', stat(uptime(), busySeconds, bootedAt))
    write('proc/vmstat', vmstat(oomKills, starved ? 412_000 : 1024))
    write('proc/net/dev', netDev(traffic))
    write('proc/pressure/memory', memoryPressure(faultHolds(directory, 'out-of-memory')))
    for (const [index, warmer] of ZONES.entries())
      write(`${zone(index)}/temp`, `${Math.round(figures.temperature + warmer) * 1000}\n`)
  }

  function measureDisk() {
    full = faultHolds(directory, 'disk-full')
    write('state/disk', diskLine(modelBytes(hub), full))
  }

  function tick() {
    stepMemoryOnce()
    if (ticks % TICKS_A_SECOND === 0) stepFiguresOnce()
    if (ticks % (2 * TICKS_A_SECOND) === 0 || faultHolds(directory, 'disk-full') !== full) measureDisk()
    ticks++
  }

  /** A claim is seen at once; a server that claims in small steps is not looked at for each of them. */
  function claimChanged() {
    soon ??= setTimeout(() => {
      soon = null
      stepMemoryOnce()
    }, 20)
  }

  function boot() {
    memory = emptyMemory()
    traffic = {}
    oomKills = 0
    kernel.boot()
    write('proc/sys/kernel/random/boot_id', `${randomUUID()}\n`)
    ticks = 0
    tick()
  }

  for (const folder of FOLDERS) mkdirSync(join(directory, folder), { recursive: true })
  for (const index of ZONES.keys()) write(`${zone(index)}/type`, 'acpitz\n')
  boot()
  const timer = setInterval(tick, TICK_MS)
  let watcher = watch(claims, claimChanged)
  return {
    tick,
    reboot() {
      bootedAt = Date.now()
      watcher.close()
      watcher = watch(claims, claimChanged)
      boot()
    },
    stop() {
      clearInterval(timer)
      if (soon) clearTimeout(soon)
      watcher.close()
    },
  }
}
