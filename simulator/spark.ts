import type { Host } from '../core/config/cluster'
import { type Containers, containers } from './containers'
import type { Engine } from './engine'
import { type FenceLock, fenceLock } from './fence-lock'
import type { Launch } from './launch'
import type { World } from './world'

export interface Fence {
  number: number
  job: string
}

/** One simulated Spark: what really is, whatever anybody has seen of it. */
export interface Spark {
  readonly host: Host
  readonly bootId: string
  readonly up: boolean
  readonly containers: Containers
  /** Job directories by launch id; they outlive a reboot. */
  readonly launches: Map<string, Launch>
  /** Job directories that were made, but in which no wrapper runs yet. */
  readonly starting: Set<string>
  /** What `~/.spark-control/fence` says. */
  fence: Fence
  /** The highest fence under which the launches of others were ended here. */
  swept: number
  readonly lock: FenceLock
  readonly total: number
  /** Bytes that engines may have of it. */
  readonly most: number
  available(): number
  /** The engine takes so much here from now on. @returns false where the machine has no more */
  take(engine: Engine, bytes: number): boolean
  /** Bytes that the engine holds here. */
  held(engine: Engine): number
  /** What the engine held comes back, by and by. */
  release(engine: Engine): void
  engines(): Engine[]
  reboot(downS: number): void
  readonly faults: SparkFaults
}

export interface SparkFaults {
  /** `docker stop` and `rm` come to nothing. */
  ignoresStop: boolean
  /** Nothing of what an engine held comes back. */
  keepsMemory: boolean
  /** The image that launches need is not there. */
  noImage: boolean
  /** Planted: the fence lets every command pass. */
  noFence: boolean
  /** Planted: nothing ends, and docker says that nothing is there. */
  liesOfStop: boolean
  /** Planted: a start begins a launch anew that was begun before. */
  forgetsLaunches: boolean
}

const gib = 2 ** 30
// A GB10 has 128 GB of unified memory, of which the system shows about 119 GiB and keeps some.
const total = 119 * gib
const system = 6 * gib

/** Boots a Spark on which nothing runs. */
export function spark(host: Host, world: World): Spark {
  const { time, random, trace } = world
  const held = new Map<Engine, number>()
  const lingering = new Set<{ bytes: number }>()
  const launches = new Map<string, Launch>()
  let boots = 1
  let up = true

  function available(): number {
    const engines = [...held.values()].reduce((sum, bytes) => sum + bytes, 0)
    return total - system - engines - [...lingering].reduce((sum, { bytes }) => sum + bytes, 0)
  }

  function take(engine: Engine, bytes: number): boolean {
    if (bytes - (held.get(engine) ?? 0) > available()) return false
    held.set(engine, bytes)
    return true
  }

  // A GB10 gives back what a process held by and by, within about a minute.
  function release(engine: Engine) {
    const bytes = held.get(engine)
    held.delete(engine)
    if (bytes === undefined) return
    const rest = { bytes: bytes * 0.7 }
    lingering.add(rest)
    comeBack(rest, random.int(1000, 40_000))
  }

  function comeBack(rest: { bytes: number }, ms: number) {
    time.after(ms, () => {
      if (self.faults.keepsMemory) return comeBack(rest, 5000)
      lingering.delete(rest)
    })
  }

  function reboot(downS: number) {
    if (!up) return
    trace.add(`${host.id} restarts, down for ${downS} s`)
    up = false
    boots++
    for (const launch of launches.values()) launch.lost()
    for (const engine of [...held.keys()]) engine.end('its Spark restarted')
    self.containers.powerCut()
    held.clear()
    lingering.clear()
    time.after(downS * 1000, () => {
      up = true
      trace.add(`${host.id} is up again`)
    })
  }

  const self: Spark = {
    host,
    get bootId() {
      return `boot-${host.id}-${boots}`
    },
    get up() {
      return up
    },
    containers: containers(host.id, world),
    launches,
    starting: new Set(),
    fence: { number: 0, job: '' },
    swept: 0,
    lock: fenceLock(),
    total,
    most: total - system,
    available,
    take,
    held: (engine) => held.get(engine) ?? 0,
    release,
    engines: () => [...held.keys()],
    reboot,
    faults: {
      ignoresStop: false,
      keepsMemory: false,
      noImage: false,
      noFence: false,
      liesOfStop: false,
      forgetsLaunches: false,
    },
  }
  return self
}
