import type { LiveHost } from './hosts'
import { needsPerson } from './link'

/** Waits until a host lets this controller in; false once it refuses, and when it has not answered within `patienceMs`. */
export async function firstContact(live: LiveHost, patienceMs: number): Promise<boolean> {
  const waiting = new AbortController()
  const limit = setTimeout(() => waiting.abort(), patienceMs)
  const look = setInterval(() => {
    if (needsPerson(live.link)) waiting.abort()
  }, 50)
  try {
    await live.ready(waiting.signal)
    return true
  } catch {
    return false
  } finally {
    clearTimeout(limit)
    clearInterval(look)
  }
}
