import type { Socket } from 'node:net'

export interface PulseOptions {
  /** Silence after which the link counts as dead. */
  silentMs?: number
  /** The other side is asked at least this often. */
  askedMs: number
  /** @param since when it fell silent, ms since the epoch, right to half of `askedMs` */
  onSilent(since: number): void
}

const tickMs = 100
const lateMs = 250

/** Listens to a connection whose other side is asked for a sign of life all the time; returns the way to stop. */
export function pulse(socket: Socket, { silentMs = 1050, askedMs, onSilent }: PulseOptions): () => void {
  let heard = performance.now()
  let ticked = heard
  const hear = () => {
    heard = performance.now()
  }
  socket.on('data', hear)
  const timer = setInterval(() => {
    const now = performance.now()
    const late = now - ticked - tickMs
    ticked = now
    // While this program itself stood still nobody listened: that time is no evidence.
    if (late > lateMs) heard += late
    const silent = now - heard
    if (silent < silentMs) return
    stop()
    onSilent(Date.now() - silent + Math.min(askedMs / 2, silent))
  }, tickMs)

  function stop() {
    clearInterval(timer)
    socket.off('data', hear)
  }
  return stop
}
