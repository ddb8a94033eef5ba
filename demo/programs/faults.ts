import { existsSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'

/** What can be wrong with a server on a simulated Spark. */
export type ServiceFault = 'stop' | 'crash' | 'hang' | 'slow' | 'busy' | 'stall' | 'bad-json' | 'reset-mid-stream'

/** The faults of one server process. */
export interface Faults {
  /** The fault in force right now, or null. */
  current(): ServiceFault | null
  /** Resolves when the server may say something again: at once, or when `hang` or a cut link is over. */
  released(): Promise<void>
  /** Resolves when the fault is not in force, or the signal has fired. */
  over(kind: ServiceFault, signal?: AbortSignal): Promise<void>
  /** Called 4 times a second while `busy` is in force. */
  onBusy(listener: () => void): void
  /** Called when the host's link is cut, and when it is whole again; at once if it is cut already. */
  onCut(listener: (cut: boolean) => void): void
}

interface Fault {
  kind: ServiceFault
  /** Milliseconds since the epoch; Infinity for one that holds as long as its file is there. */
  until: number
}

const POLL_MS = 250

/** Watches the fault files of the Spark at `directory` for the server on `port`; `stop` and `crash` end this process. */
export function watchFaults(directory: string, port: number): Faults {
  const folder = join(directory, 'state/faults')
  const file = join(folder, `port-${port}.json`)
  const cutFile = join(folder, 'link-down.json')
  const busy: (() => void)[] = []
  const cuts: ((cut: boolean) => void)[] = []
  let fault: Fault | null = null
  let cut = false
  let healing: Timer | null = null
  let changed = Promise.withResolvers<void>()

  function inForce(): ServiceFault | null {
    return fault && Date.now() < fault.until ? fault.kind : null
  }

  function look(): ServiceFault | null {
    const before = `${fault?.kind} ${fault?.until} ${cut}`
    const wasCut = cut
    fault = readFault(file)
    cut = existsSync(cutFile)
    if (cut !== wasCut) for (const listener of cuts) listener(cut)
    const kind = inForce()
    if (kind === 'stop') process.exit(0)
    if (kind === 'crash') process.kill(process.pid, 'SIGKILL')
    if (before !== `${fault?.kind} ${fault?.until} ${cut}`) tell()
    return kind
  }

  /** Wakes who waits, now and when the fault is over. */
  function tell() {
    changed.resolve()
    changed = Promise.withResolvers()
    if (healing) clearTimeout(healing)
    const left = (fault?.until ?? 0) - Date.now()
    healing = left > 0 && left < Infinity ? setTimeout(tell, left + 1) : null
    healing?.unref()
  }

  async function over(kind: ServiceFault, signal?: AbortSignal) {
    while (look() === kind && !signal?.aborted) await next(signal)
  }

  async function next(signal?: AbortSignal) {
    const gone = Promise.withResolvers<void>()
    const leave = () => gone.resolve()
    signal?.addEventListener('abort', leave)
    await Promise.race([changed.promise, gone.promise])
    signal?.removeEventListener('abort', leave)
  }

  look()
  // What a watch misses, and folders that can't be watched, the timer finds.
  if (existsSync(folder)) watch(folder, look).unref()
  setInterval(() => {
    if (look() === 'busy') for (const listener of busy) listener()
  }, POLL_MS).unref()

  return {
    current: look,
    async released() {
      while (look() === 'hang' || cut) await next()
    },
    over,
    onBusy: (listener) => busy.push(listener),
    onCut(listener) {
      cuts.push(listener)
      if (cut) listener(true)
    },
  }
}

/** A file without `until` holds as long as it is there. */
function readFault(file: string): Fault | null {
  if (!existsSync(file)) return null
  try {
    const { kind, until = Infinity } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Fault> & Pick<Fault, 'kind'>
    return { kind, until }
  } catch {
    return null
  }
}
