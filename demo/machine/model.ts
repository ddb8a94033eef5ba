import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdirSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { diskLine, modelBytes } from './disk'
import { type Figures, gpuLine, loadavg, memoryPressure, stat, stepFigures, uptimeLine } from './figures'
import { type Claim, emptyMemory, type Memory, meminfo, outOfMemoryVictim, stepMemory } from './memory'
import { signal } from './processes'
import { cachesDropped, faultHolds, noteLogs, readClaims, readRequests } from './readings'

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
const FOLDERS = ['proc/sys/kernel/random', 'proc/pressure', 'sys/class/thermal/thermal_zone0', 'state/memory']

/** Starts the model: it reads what processes claim about four times a second and writes what the stand-ins show. */
export function machineModel(directory: string, speed: number): MachineModel {
  const hub = join(directory, 'home/.cache/huggingface/hub')
  const claims = join(directory, 'state/memory')
  let memory: Memory = emptyMemory()
  let figures: Figures = { activity: 0, temperature: 38 }
  // A Spark that has been up for a while, so that a reboot shows.
  let bootedAt = Date.now() - 261_195_000
  let busySeconds = 0
  let ticks = 0
  let claimed = 0
  let full = false
  let soon: Timer | null = null
  const written = new Map<string, string>()
  const logs = new Map<string, number>()

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
    memory = stepMemory(memory, readClaims(directory, memory.claims, now), { held, eating, speed, now })
    if (cachesDropped(directory)) memory = { ...memory, pageCache: 0.4e9 }
    const victim = outOfMemoryVictim(memory, speed, now)
    if (victim) kill(victim, now)
    write('proc/meminfo', meminfo(memory, speed, now))
  }

  /** The kernel's choice: the newest claimant, without asking. What it takes back this way is there at once. */
  function kill({ pid, bytes }: Claim, now: number) {
    memory = { ...memory, claims: memory.claims.filter((claim) => claim.pid !== pid) }
    signal(pid, 'SIGKILL')
    rmSync(join(claims, String(pid)), { force: true })
    const line = `[${((now - bootedAt) / 1000).toFixed(6)}] Out of memory: Killed process ${pid} total-vm:${Math.round(bytes / 1024)}kB\n`
    appendFileSync(join(directory, 'state/dmesg'), line)
  }

  function stepFiguresOnce() {
    const noise = Math.random()
    const total = memory.claims.reduce((sum, { bytes }) => sum + bytes, 0)
    const loading = total > claimed
    claimed = total
    const activity = Math.min(1, readRequests(directory) * 0.35 + (loading ? 0.3 : 0))
    figures = stepFigures(figures, activity, 1)
    busySeconds += 0.2 + activity * 4 + noise * 0.2
    const up = (Date.now() - bootedAt) / 1000
    write('state/gpu', gpuLine(figures, noise))
    write('proc/loadavg', loadavg(activity, noise, memory.claims.length))
    write('proc/uptime', uptimeLine(up))
    write('proc/stat', stat(up, busySeconds, bootedAt))
    write('proc/pressure/memory', memoryPressure(faultHolds(directory, 'out-of-memory')))
    write('sys/class/thermal/thermal_zone0/temp', `${Math.round((figures.temperature + 9 + noise) * 10) * 100}\n`)
  }

  function measureDisk() {
    full = faultHolds(directory, 'disk-full')
    write('state/disk', diskLine(modelBytes(hub), full))
  }

  function tick() {
    stepMemoryOnce()
    noteLogs(directory, logs, Date.now())
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
    write('proc/sys/kernel/random/boot_id', `${randomUUID()}\n`)
    ticks = 0
    tick()
  }

  for (const folder of FOLDERS) mkdirSync(join(directory, folder), { recursive: true })
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
