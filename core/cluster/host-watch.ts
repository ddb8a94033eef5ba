import {
  afterEvent,
  type ContainerEvent,
  eventsCommand,
  listCommand,
  readContainers,
  readEvent,
  toldToEnd,
} from './containers'
import type { LiveHost } from './hosts'
import type { Observed } from './observed'
import { pause } from './pause'
import { frames, noGpu, readGpu, sampleReader } from './sample'
import { gpuCommand, samplerCommand, sectionsAt } from './sampler'
import type { ContainerFact } from './snapshot'

export interface HostWatchOptions {
  live: LiveHost
  observed: Observed
  signal: AbortSignal
  onContainer(event: ContainerEvent): void
}

const secondMs = 1000
const gpuSilentMs = 10_000
const stuckMs = 15_000
const carefulMs = 600_000
const reconcileMs = 60_000
// `docker stop` sends TERM, and KILL up to this much later.
const stopPatienceMs = 120_000

/** Watches one host until aborted: figures, GPU and containers, each by one stream that stays open while the link is up. */
export function hostWatch({ live, observed, signal, onContainer }: HostWatchOptions): void {
  const { host } = live
  let containers: ContainerFact[] = []
  let gpuHeard = 0
  let carefulUntil = 0
  let listing: Promise<void> | null = null
  let stale = false
  let ended = false
  const endings = new Map<string, number>()

  void whileLinked(sample, [secondMs, 5 * secondMs])
  void whileLinked(watchGpu, [secondMs, 60 * secondMs])
  void whileLinked(watchContainers, [secondMs, 15 * secondMs])

  /** Does it again whenever it ends and the link is up: soon at first, then ever less often, since each try costs the Spark programs. */
  async function whileLinked(what: () => Promise<unknown>, [soonMs, lateMs]: [number, number]) {
    let waitMs = soonMs
    while (!signal.aborted) {
      const began = performance.now()
      try {
        await live.ready(signal)
        await what()
      } catch {
        // The link's own state already tells why; here it only matters to come back.
      }
      waitMs = performance.now() - began > lateMs ? soonMs : Math.min(lateMs, waitMs * 1.5)
      await pause(live.link.state === 'up' ? waitMs : 0, signal)
    }
  }

  async function sample() {
    const read = sampleReader()
    const over = new AbortController()
    let asked = 0
    let came = 0
    const push = frames((frame) => {
      came = Date.now()
      observed.sample(host, read(frame, { asked, came }))
      asked = 0
    })
    try {
      await live.stream(samplerCommand(), {
        signal: AbortSignal.any([signal, over.signal]),
        onData: push,
        onOpen: (write) => void tick(write),
      })
    } finally {
      over.abort()
      // A login that runs nothing, or a disk there that hangs: the link is up, and still nothing is known.
      if (live.link.state === 'up' && !signal.aborted) observed.blind(host)
    }

    async function tick(write: (text: string) => void) {
      const began = Date.now()
      for (let second = 0; !over.signal.aborted && !signal.aborted; second++) {
        if (Date.now() - (came || began) > stuckMs) {
          // Whatever hung there would hang again.
          carefulUntil = Date.now() + carefulMs
          return over.abort(new Error('no figures came'))
        }
        // A host that is slow to answer is not asked more and more.
        if (asked === 0) {
          asked = Date.now()
          const wanted = new Set([...sectionsAt(second), ...(ended ? (['processes'] as const) : [])])
          ended = false
          write(`${Date.now() < carefulUntil ? 'proc' : [...wanted].join(' ')}\n`)
        }
        if (gpuHeard > 0 && Date.now() - gpuHeard > gpuSilentMs) {
          gpuHeard = 0
          observed.sample(host, noGpu)
        }
        await pause(secondMs, over.signal)
      }
    }
  }

  async function watchGpu() {
    let pending = ''
    await live.stream(gpuCommand(), {
      signal,
      onData(chunk) {
        const lines = (pending + chunk.toString()).split('\n')
        pending = (lines.pop() ?? '').slice(0, 4096)
        const last = lines.at(-1)
        if (last === undefined) return
        gpuHeard = Date.now()
        observed.sample(host, readGpu(last))
      },
    })
  }

  async function watchContainers() {
    const over = new AbortController()
    let pending = ''
    void reconcile(over.signal)
    try {
      await live.stream(eventsCommand(), {
        signal,
        onOpen: () => void list(),
        onData(chunk) {
          const lines = (pending + chunk.toString()).split('\n')
          pending = (lines.pop() ?? '').slice(-65_536)
          for (const event of lines.map(readEvent)) if (event) happened(event)
        },
      })
    } finally {
      over.abort()
      // The stream ends with docker, or with the link; which of them it was the list tells.
      if (live.link.state === 'up' && !signal.aborted) void list()
    }
  }

  function happened(event: ContainerEvent) {
    if (toldToEnd(event)) endings.set(event.name, event.at)
    const asked = event.at - (endings.get(event.name) ?? 0) < stopPatienceMs
    // Who held the GPU's memory may no longer be there.
    if (event.action === 'die') ended = true
    if (event.action === 'start' || event.action === 'destroy') endings.delete(event.name)
    containers = afterEvent(containers, event, asked)
    observed.containers(host, containers)
    onContainer(event)
    void list()
  }

  /** Lost events heal within a minute. */
  async function reconcile(over: AbortSignal) {
    for (;;) {
      await pause(reconcileMs, over)
      if (over.aborted || signal.aborted) return
      await list()
    }
  }

  /** Asks docker for the whole list; one question at a time, and once more if something happened meanwhile. */
  function list(): Promise<void> {
    stale = true
    listing ??= (async () => {
      while (stale && !signal.aborted) {
        stale = false
        await listOnce()
      }
      listing = null
    })()
    return listing
  }

  async function listOnce() {
    try {
      const { code, stdout } = await live.run(listCommand(), { timeoutMs: 5000, signal })
      if (code === 0 && !stale) containers = readContainers(stdout, containers)
      observed.containers(host, code === 0 ? containers : null)
    } catch {
      if (live.link.state === 'up' && !signal.aborted) observed.containers(host, null)
    }
  }
}
