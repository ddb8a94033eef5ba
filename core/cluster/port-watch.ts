import { connect } from 'node:net'
import { pause } from './pause'

export type PortState = 'open' | 'refused' | 'silent'

const everyMs = 400
const patienceMs = 3000

/**
 * Tries one TCP port all the time until aborted, and tells when it changes: the kernel answers at once whether a program
 * listens there, however busy that program is. @returns the way to try now
 */
export function portWatch(
  where: () => { address: string; port: number } | null,
  signal: AbortSignal,
  onChange: (state: PortState) => void,
): () => void {
  let known: PortState | null = null
  let poke = new AbortController()

  async function forever() {
    while (!signal.aborted) {
      const place = where()
      if (place) {
        const now = await tryPort(place.address, place.port)
        if (now !== known && !signal.aborted) {
          known = now
          onChange(now)
        }
      }
      poke = new AbortController()
      await pause(everyMs, AbortSignal.any([signal, poke.signal]))
    }
  }

  void forever()
  return () => poke.abort()
}

function tryPort(address: string, port: number): Promise<PortState> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port })
    const end = (state: PortState) => {
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.destroy()
      resolve(state)
    }
    socket.setTimeout(patienceMs, () => end('silent'))
    socket.once('connect', () => end('open'))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'refused' : 'silent'))
  })
}
