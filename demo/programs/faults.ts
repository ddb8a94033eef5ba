import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What can be wrong with a server on a simulated Spark. */
export type ServiceFault = 'stop' | 'crash' | 'hang' | 'slow' | 'busy' | 'bad-json' | 'reset-mid-stream'

/** The faults of one server process. */
export interface Faults {
  /** The fault in force right now, or null. */
  current(): ServiceFault | null
  /** Resolves when the server may say something again: at once, or when `hang` or a cut link is over. */
  released(): Promise<void>
  /** Called 4 times a second while `busy` is in force. */
  onBusy(listener: () => void): void
}

const POLL_MS = 250

/** Watches the fault files of the Spark at `directory` for the server on `port`; `stop` and `crash` end this process. */
export function watchFaults(directory: string, port: number): Faults {
  const file = join(directory, `state/faults/port-${port}.json`)
  const cut = join(directory, 'state/faults/link-down.json')
  const listeners: (() => void)[] = []

  function current(): ServiceFault | null {
    return readFault(file)
  }

  function silent() {
    return current() === 'hang' || existsSync(cut)
  }

  async function released() {
    while (silent()) await Bun.sleep(POLL_MS)
  }

  setInterval(() => {
    const fault = current()
    if (fault === 'stop') process.exit(0)
    if (fault === 'crash') process.kill(process.pid, 'SIGKILL')
    if (fault === 'busy') for (const listener of listeners) listener()
  }, POLL_MS).unref()

  return { current, released, onBusy: (listener) => listeners.push(listener) }
}

/** A file without `until` holds as long as it is there. */
function readFault(file: string): ServiceFault | null {
  if (!existsSync(file)) return null
  try {
    const { kind, until } = JSON.parse(readFileSync(file, 'utf8')) as { kind: ServiceFault; until?: number }
    return until === undefined || Date.now() < until ? kind : null
  } catch {
    return null
  }
}
