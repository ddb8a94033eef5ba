import type { Clock } from '../clock'

/** The way of requests into each service: counted, and held back while its model changes. */
export interface Door {
  /** Lets a request in at once; returns how to say that it has ended (said twice, it counts once). Null while it is shut. */
  pass(service: string): (() => void) | null
  /**
   * Lets a request in at once, or once the door is open again.
   * @returns how to say that it has ended
   * @throws {HeldError} when it was held for `holdMs`; at the abort its reason
   */
  enter(service: string, options: { signal: AbortSignal; holdMs: number }): Promise<() => void>
  /**
   * Waits until the service may have changed: its door opened, or everybody was told to look again.
   * @param bytes of the body that is kept in memory meanwhile
   * @throws {HeldError} after `ms`; at the abort its reason
   */
  wait(service: string, options: { signal: AbortSignal; ms: number; bytes?: number }): Promise<void>
  /** New requests wait from now on. */
  shut(service: string): void
  /** Whoever waits there looks again, also where it was not shut. */
  open(service: string): void
  /** Whoever waits anywhere looks again. */
  wake(): void
  isShut(service: string): boolean
  /** Requests that are inside now. */
  inside(service: string): number
  /** Requests that wait to be let in. */
  held(service: string): number
  /** When a request was last inside, ms of the rising clock; null: never. */
  lastInside(service: string): number | null
  /** Another number whenever a door was shut or opened. */
  readonly turns: number
  /** Everybody who waits is sent away. */
  close(): void
}

/** It did not open in time. */
export class HeldError extends Error {
  override name = 'HeldError'
}

interface Place {
  shut: boolean
  inside: number
  left: number | null
  waiting: Set<Waiter>
}

interface Waiter {
  look(): void
  send(error: Error): void
}

const mostHeld = 1000
// Each of them may keep a body of many megabytes in memory.
const mostHeldBytes = 256 * 1024 * 1024

interface DoorOptions {
  clock: Clock
  /** Requests that may wait for one service. */
  most?: number
  /** Bytes of the bodies of all that wait. */
  mostBytes?: number
}

/** Doors of all services, open until they are shut. */
export function door({ clock, most = mostHeld, mostBytes = mostHeldBytes }: DoorOptions): Door {
  const places = new Map<string, Place>()
  let turns = 0
  let heldBytes = 0
  let closed = false

  function placeOf(service: string): Place {
    const known = places.get(service)
    if (known) return known
    const made: Place = { shut: false, inside: 0, left: null, waiting: new Set() }
    places.set(service, made)
    return made
  }

  function pass(service: string): (() => void) | null {
    const place = placeOf(service)
    if (place.shut) return null
    place.inside++
    let inside = true
    return () => {
      if (!inside) return
      inside = false
      place.inside--
      place.left = clock.rising()
    }
  }

  function wait(
    service: string,
    { signal, ms, bytes = 0 }: { signal: AbortSignal; ms: number; bytes?: number },
  ): Promise<void> {
    const { waiting } = placeOf(service)
    if (signal.aborted) return Promise.reject(signal.reason)
    if (closed || ms <= 0 || waiting.size >= most || (bytes > 0 && heldBytes + bytes > mostBytes))
      return Promise.reject(new HeldError(`${service}: is not open`))
    heldBytes += bytes
    return new Promise((resolve, reject) => {
      const callOff = clock.after(ms, () => waiter.send(new HeldError(`${service}: was not open in time`)))
      const waiter: Waiter = { look: () => end(resolve), send: (error) => end(() => reject(error)) }
      const aborted = () => waiter.send(signal.reason)
      signal.addEventListener('abort', aborted, { once: true })
      waiting.add(waiter)

      function end(settle: () => void) {
        callOff()
        signal.removeEventListener('abort', aborted)
        if (waiting.delete(waiter)) heldBytes -= bytes
        settle()
      }
    })
  }

  async function enter(service: string, { signal, holdMs }: { signal: AbortSignal; holdMs: number }) {
    const until = clock.rising() + holdMs
    for (;;) {
      const leave = pass(service)
      if (leave) return leave
      await wait(service, { signal, ms: until - clock.rising() })
    }
  }

  function turn(service: string, shut: boolean): Place {
    const place = placeOf(service)
    if (place.shut !== shut) turns++
    place.shut = shut
    return place
  }

  return {
    pass,
    wait,
    enter,
    shut: (service) => void turn(service, true),
    open: (service) => look(turn(service, false)),
    wake: () => [...places.values()].forEach(look),
    isShut: (service) => places.get(service)?.shut ?? false,
    inside: (service) => places.get(service)?.inside ?? 0,
    held: (service) => places.get(service)?.waiting.size ?? 0,
    lastInside(service) {
      const place = places.get(service)
      return place && place.inside > 0 ? clock.rising() : (place?.left ?? null)
    },
    get turns() {
      return turns
    },
    close() {
      closed = true
      for (const { waiting } of places.values())
        for (const waiter of [...waiting]) waiter.send(new HeldError('the configuration is being read anew'))
    },
  }
}

function look({ waiting }: Place) {
  for (const waiter of [...waiting]) waiter.look()
}
