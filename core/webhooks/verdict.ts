import { plainText } from '../cluster/plain-text'
import type { Answer } from './answer'
import { retryAfterMs } from './waits'

/** What an answer means: only 2xx is a success, and 410 asks for no more. */
export interface Verdict {
  end: 'delivered' | 'failed' | 'gone'
  /** For the record; null where it arrived. */
  error: string | null
  /** What it asked for by Retry-After, ms. */
  askedMs: number | null
}

/** @param now ms since the epoch */
export function verdict({ status, retryAfter, text }: Answer, now: number): Verdict {
  if (status >= 200 && status < 300) return { end: 'delivered', error: null, askedMs: null }
  const askedMs = retryAfterMs(retryAfter, now)
  if (status === 410) return { end: 'gone', error: 'answered 410: it wants no more messages', askedMs }
  if (status >= 300 && status < 400)
    return {
      end: 'failed',
      error: `answered ${status}: redirects are not followed; declare the address itself`,
      askedMs,
    }
  const said = plainText(text.replace(/\s+/g, ' ').trim())
  return { end: 'failed', error: `answered ${status}${said === '' ? '' : `: ${said}`}`, askedMs }
}
