import type { Verdict } from './next-demand'

/** A request that waits for a model which is not loaded. */
export interface Ticket {
  standing(): Standing
  /** It goes on, or went away. @param keepMs how long its place is kept, where it was told to come again */
  leave(keepMs?: number): void
}

/** How it stands with a model that is waited for. */
export interface Standing {
  /** 1 is next. */
  place: number
  /** It will not be loaded now; whoever waits is told so. */
  refused: boolean
  /** Why it is not being loaded, as a sentence goes on; null where nothing stands in its way. */
  reason: string | null
  /** Seconds until asking again helps. */
  retryS: number
  /** Seconds until it is usually loaded; null where that can't be told. */
  etaS: number | null
}

/** Requests that wait for one model, for people. */
export interface DemandView {
  recipe: string
  waiting: number
  /** Of the one that waits longest, RFC 3339. */
  since: string
  reason: string | null
}

export interface StandingFacts {
  verdict: Verdict | undefined
  place: number
  /** ms until a refusal may change; infinite: until a person swaps. */
  untilBarMs: number
  /** Seconds until it may be tried; null where nothing tells. */
  waitS: number | null
  /** Seconds that it usually takes to load; null where that is not known. */
  loadS: number | null
}

// Whoever needs a person is not to ask every second until then.
const longestRetryS = 3600
// Nothing tells when it may be tried: so often it may be asked for again.
const askAgainS = 30

/** What a waiting request is told by a verdict. */
export function standingOf({ verdict, place, untilBarMs, waitS, loadS }: StandingFacts): Standing {
  if (verdict?.kind === 'refuse') {
    const retryS = Math.min(longestRetryS, Math.max(1, Math.ceil(untilBarMs / 1000)))
    return { place, refused: true, reason: verdict.reason, retryS, etaS: null }
  }
  const reason = verdict?.kind === 'wait' ? verdict.reason : null
  const etaS = waitS === null || loadS === null ? null : Math.ceil(waitS + loadS)
  return { place, refused: false, reason, retryS: Math.max(1, Math.ceil(waitS ?? askAgainS)), etaS }
}
