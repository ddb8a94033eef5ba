import type { LiveHost } from '../../cluster/hosts'
import { pause } from '../../cluster/pause'
import type { Disk, FoundModel } from './found-model'
import { look } from './look'

/** What lies on the hosts' disks, as last seen; a host that was never asked is absent. */
export interface Inventory {
  disk(host: string): Disk | null
  disks(): Disk[]
  /** One repo by host; null where it is not there, absent where the host was never asked. */
  of(repo: string): Record<string, FoundModel | null>
  /** Looks now, and sees all that was written before this was called. @throws {Error} where the host can't tell */
  look(host: string, signal?: AbortSignal): Promise<Disk>
}

export interface InventoryOptions {
  hosts: Map<string, LiveHost>
  /** Ends the looking. */
  signal: AbortSignal
  onChange(): void
  everyMs?: number
  /** While something is being downloaded there. */
  busyMs?: number
}

const soonMs = 2000
const lateMs = 600_000

/** Looks at every connected host's disk once a minute, and more often while something grows there, until aborted. */
export function inventory({ hosts, signal, onChange, everyMs = 60_000, busyMs = 5000 }: InventoryOptions): Inventory {
  const seen = new Map<string, Disk>()
  const running = new Map<string, Promise<Disk>>()
  const next = new Map<string, Promise<Disk>>()

  async function lookOnce(live: LiveHost): Promise<Disk> {
    const { id } = live.host
    const before = seen.get(id) ?? null
    const disk = await look(live, { before, signal })
    seen.set(id, disk)
    if (!before || !sameDisk(before, disk)) onChange()
    return disk
  }

  function begin(live: LiveHost): Promise<Disk> {
    const { id } = live.host
    const mine = lookOnce(live).finally(() => running.delete(id))
    running.set(id, mine)
    return mine
  }

  /** One look at a time; who comes while one runs shares the next, since that one may have passed by what is asked for. */
  function lookNow(live: LiveHost): Promise<Disk> {
    const { id } = live.host
    const current = running.get(id)
    if (!current) return begin(live)
    const waiting = next.get(id)
    if (waiting) return waiting
    const mine = current
      .catch(() => {})
      .then(() => {
        next.delete(id)
        return begin(live)
      })
    next.set(id, mine)
    return mine
  }

  async function forever(live: LiveHost) {
    let waitMs = soonMs
    while (!signal.aborted) {
      try {
        await live.ready(signal)
        const { models } = await lookNow(live)
        waitMs = soonMs
        await pause(models.some(({ state }) => state === 'downloading') ? busyMs : everyMs, signal)
      } catch {
        // A silent host keeps what was last seen of it. On a disk that hangs each look leaves a program that does too.
        await pause(waitMs, signal)
        waitMs = Math.min(lateMs, waitMs * 2)
      }
    }
  }

  for (const live of hosts.values()) void forever(live)
  return {
    disk: (host) => seen.get(host) ?? null,
    disks: () => [...hosts.keys()].flatMap((host) => seen.get(host) ?? []),
    of: (repo) =>
      Object.fromEntries(
        [...seen].map(([host, { models }]) => [host, models.find((each) => each.repo === repo) ?? null]),
      ),
    async look(host, own) {
      const live = hosts.get(host)
      if (!live) throw new Error(`${host}: is not declared; look at another`)
      return unless(own, lookNow(live))
    },
  }
}

/** The look itself goes on for whoever else waits for it. */
function unless<T>(signal: AbortSignal | undefined, coming: Promise<T>): Promise<T> {
  if (!signal) return coming
  const gone = Promise.withResolvers<never>()
  const abort = () => gone.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  return Promise.race([coming, gone.promise]).finally(() => signal.removeEventListener('abort', abort))
}

/** Whether nothing changed that anybody would see; room on the disk counts by the GiB. What was not read again is quickly compared. */
function sameDisk(a: Disk, b: Disk): boolean {
  const shown = ({ seenAt: _, availableBytes, ...disk }: Disk) => ({
    ...disk,
    room: availableBytes === null ? null : Math.round(availableBytes / 2 ** 30),
  })
  return Bun.deepEquals(shown(a), shown(b))
}
