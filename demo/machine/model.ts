import { randomUUID } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { diskLine, modelBytes } from './disk'
import { type Figures, gpuLine, loadavg, memoryPressure, stat, stepFigures, uptimeLine } from './figures'
import { type Claim, emptyMemory, type Memory, meminfo, outOfMemoryVictim, stepMemory } from './memory'
import { alive, signal } from './processes'

/** What the kernel and the driver of one simulated host show, kept in its proc/, sys/ and state/ folders. */
export interface MachineModel {
  /** New boot id, empty memory, uptime from zero. */
  reboot(): void
  /** Looks at once instead of at the next quarter of a second. */
  tick(): void
  stop(): void
}

/** Starts the model: it reads what processes claim about four times a second and writes what the stand-ins show. */
export function machineModel(directory: string, speed: number): MachineModel {
  const home = join(directory, 'home')
  let memory: Memory = emptyMemory()
  let figures: Figures = { activity: 0, temperature: 38 }
  // A Spark that has been up for a while, so that a reboot shows.
  let bootedAt = Date.now() - 261_195_000
  let busy = 0
  let ticks = 0
  let claimed = 0
  let full = false
  let soon: Timer | null = null
  const written = new Map<string, string>()

  function write(file: string, text: string) {
    if (written.get(file) === text) return
    written.set(file, text)
    const path = join(directory, file)
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }

  function remember() {
    const now = Date.now()
    memory = stepMemory(memory, claims(memory, now), {
      held: holds('memory-not-released'),
      eating: holds('out-of-memory'),
      speed,
      now,
    })
    const victim = outOfMemoryVictim(memory, speed, now)
    if (victim) kill(victim, now)
    if (dropped()) memory = { ...memory, pageCache: 0.4e9 }
    write('proc/meminfo', meminfo(memory, speed, now))
    return victim !== null
  }

  /** The kernel's choice: the newest claimant, without asking. */
  function kill({ pid, bytes }: Claim, now: number) {
    signal(pid, 'SIGKILL')
    rmSync(join(directory, 'state/memory', String(pid)), { force: true })
    const seconds = ((now - bootedAt) / 1000).toFixed(6)
    appendFileSync(
      join(directory, 'state/dmesg'),
      `[${seconds}] Out of memory: Killed process ${pid} total-vm:${Math.round(bytes / 1024)}kB\n`,
    )
  }

  function claims(known: Memory, now: number): Claim[] {
    return names(join(directory, 'state/memory')).flatMap((name) => {
      const pid = Number(name)
      if (!Number.isInteger(pid)) return []
      const file = join(directory, 'state/memory', name)
      if (!alive(pid)) {
        rmSync(file, { force: true })
        return []
      }
      const bytes = Number(read(file).split(' ')[0])
      return bytes > 0 ? [{ pid, bytes, since: known.claims.find((claim) => claim.pid === pid)?.since ?? now }] : []
    })
  }

  function holds(fault: string): boolean {
    return existsSync(join(directory, 'state/faults', `${fault}.json`))
  }

  /** Somebody wrote to drop_caches from a privileged container. */
  function dropped(): boolean {
    const file = join(directory, 'state/drop_caches')
    if (!existsSync(file)) return false
    rmSync(file, { force: true })
    return true
  }

  function second() {
    const now = Date.now()
    const noise = Math.random()
    const total = memory.claims.reduce((sum, { bytes }) => sum + bytes, 0)
    const loading = total > claimed
    claimed = total
    const activity = Math.min(1, requests() * 0.35 + (loading ? 0.3 : 0))
    figures = stepFigures(figures, activity, 1)
    busy += 0.2 + activity * 4 + noise * 0.2
    const up = (now - bootedAt) / 1000
    const starved = holds('out-of-memory')
    write('state/gpu', gpuLine(figures, noise))
    write(
      'state/gpu.json',
      JSON.stringify({
        utilization: activity,
        temperature: Math.round(figures.temperature),
        claims: memory.claims.length,
      }),
    )
    write('proc/loadavg', loadavg(activity, noise, memory.claims.length))
    write('proc/uptime', uptimeLine(up))
    write('proc/stat', stat(up, busy, bootedAt))
    write('proc/pressure/memory', memoryPressure(starved))
    const soc = Math.round((figures.temperature + 9 + noise) * 10) * 100
    write('sys/class/thermal/thermal_zone0/temp', `${soc}\n`)
    if (ticks % 8 === 0) measureDisk()
    noteLogs(now)
  }

  function measureDisk() {
    full = holds('disk-full')
    write('state/disk', diskLine(modelBytes(join(home, '.cache/huggingface/hub')), full))
  }

  /** Requests that the servers here are working on, as each of them tells in state/activity/<pid>. */
  function requests(): number {
    const folder = join(directory, 'state/activity')
    return names(folder).reduce((sum, name) => {
      if (!alive(Number(name))) rmSync(join(folder, name), { force: true })
      return sum + (Number(read(join(folder, name))) || 0)
    }, 0)
  }

  /** When each container's log was how long: what `docker logs --since` and `-t` go by. */
  function noteLogs(now: number) {
    for (const name of names(join(directory, 'state/containers'))) {
      const container = join(directory, 'state/containers', name)
      const bytes = statSync(join(container, 'log'), { throwIfNoEntry: false })?.size ?? 0
      const noted = written.get(container) ?? '0'
      if (String(bytes) === noted) continue
      written.set(container, String(bytes))
      appendFileSync(join(container, 'log.index'), `${now} ${bytes}\n`)
    }
  }

  function tick() {
    if (remember()) remember()
    if (ticks % 4 === 0) second()
    else noteLogs(Date.now())
    ticks++
    if (holds('disk-full') !== full) measureDisk()
  }

  /** A claim is seen at once; a server that claims in small steps is not looked at for each of them. */
  function changed() {
    soon ??= setTimeout(() => {
      soon = null
      remember()
    }, 20)
  }

  function boot() {
    memory = emptyMemory()
    write('proc/sys/kernel/random/boot_id', `${randomUUID()}\n`)
    ticks = 0
    tick()
  }

  for (const folder of [
    'proc/sys/kernel/random',
    'proc/pressure',
    'sys/class/thermal/thermal_zone0',
    'state/memory',
    'state/activity',
    'state/faults',
  ]) {
    mkdirSync(join(directory, folder), { recursive: true })
  }
  boot()
  const timer = setInterval(tick, 250)
  let watcher = watch(join(directory, 'state/memory'), changed)
  return {
    tick,
    reboot() {
      bootedAt = Date.now()
      watcher.close()
      watcher = watch(join(directory, 'state/memory'), changed)
      boot()
    },
    stop() {
      clearInterval(timer)
      if (soon) clearTimeout(soon)
      watcher.close()
    },
  }
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
