/** Hands out a fixed number of places in the order they were asked for; an abort leaves the queue. */
export function channels(limit: number) {
  let free = limit
  let surplus = 0
  const waiting: { take(): void }[] = []

  async function acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (free > 0) free--
    else await turn(signal)
    let held = true
    return function release() {
      if (!held) return
      held = false
      if (surplus > 0) {
        surplus--
        return
      }
      const next = waiting.shift()
      if (next) next.take()
      else free++
    }
  }

  function turn(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const place = {
        take() {
          signal?.removeEventListener('abort', leave)
          resolve()
        },
      }
      function leave() {
        const index = waiting.indexOf(place)
        if (index >= 0) waiting.splice(index, 1)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', leave, { once: true })
      waiting.push(place)
    })
  }

  /** Takes one place away for good: the other side has fewer than was thought. At least one stays. */
  function shrink() {
    if (limit <= 1) return
    limit--
    if (free > 0) free--
    else surplus++
  }

  return { acquire, shrink }
}
