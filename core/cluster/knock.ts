import { connect, type Socket } from 'node:net'

export interface KnockOptions {
  address: string
  port: number
  /** Called once, with the first connection that opens. */
  onOpen(socket: Socket): void
  /** Called for each try that failed, with its errno name. */
  onFailure?(code: string): void
  everyMs?: number
  /** After a minute without success a knock a second is enough. */
  laterMs?: number
  patienceMs?: number
}

const minute = 60_000

/**
 * Knocks at a TCP port until it opens; returns the way to stop. Every knock is a connection of its own: TCP's timer doubles
 * with each lost packet, so that one alone would notice seconds late that a link is back.
 */
export function knock(options: KnockOptions): () => void {
  const { address, port, onOpen, onFailure, everyMs = 250, laterMs = 1000, patienceMs = 3000 } = options
  const began = performance.now()
  const trying = new Set<Socket>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false

  function once() {
    const socket = connect({ host: address, port })
    trying.add(socket)
    socket.setTimeout(patienceMs, () => failed('ETIMEDOUT'))
    socket.once('error', (error: NodeJS.ErrnoException) => failed(error.code ?? 'ERROR'))
    socket.once('connect', () => {
      socket.removeAllListeners()
      socket.setTimeout(0)
      if (over) return socket.destroy()
      trying.delete(socket)
      stop()
      onOpen(socket)
    })
    timer = setTimeout(once, performance.now() - began > minute ? laterMs : everyMs)

    function failed(code: string) {
      drop(socket)
      if (!over) onFailure?.(code)
    }
  }

  function drop(socket: Socket) {
    trying.delete(socket)
    socket.removeAllListeners()
    // What was given up may still fail.
    socket.on('error', () => {})
    socket.destroy()
  }

  function stop() {
    over = true
    clearTimeout(timer)
    for (const socket of [...trying]) drop(socket)
  }

  once()
  return stop
}
