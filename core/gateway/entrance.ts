import type { Clock } from '../clock'
import type { ServiceView } from '../cluster/snapshot'
import type { JobView } from '../jobs/job'
import type { Demand } from '../swap/demand/demand'
import type { Standing, Ticket } from '../swap/demand/ticket'
import { ApiError } from './api-error'
import { type Door, HeldError } from './door'
import type { Named } from './names'

/** Who waits, and how. */
export interface Caller {
  signal: AbortSignal
  /** ms that it waits at most for its model. */
  holdMs: number
  /** Token of the swap lock that it shows. */
  token: string | null
  /** Of its body, which is kept while it waits. */
  bytes?: number
  /** Whether a model could answer it; one that could not is not loaded for it. */
  fits?(named: Named): boolean
}

/** Let in: what its model means, and how to say that it has ended. */
export interface Entered {
  named: Named
  leave(): void
}

/** How it stands with one who waits. */
export interface Waiting {
  /** The running swap. */
  job: JobView | null
  /** Null where nobody has to be asked first: the model is coming. */
  standing: Standing | null
}

export interface Entrance {
  /** Lets a request for a model in at once; null where it has to wait or is refused. @throws {ApiError} 404 */
  now(model: string): Entered | null
  /**
   * Waits until the model serves, at most as long as the caller wants.
   * @param tell told how to see how it stands, while it waits
   * @throws {ApiError} 404, 499, 503 with what is known of when it will
   */
  wait(model: string, caller: Caller, tell?: (look: () => Waiting) => void): Promise<Entered>
}

export interface EntranceOptions {
  clock: Clock
  door: Door
  demand: Pick<Demand, 'join'>
  resolve(model: string): Named | null
  /** The running swap, or the last one. */
  swap(): JobView | null
  service(id: string): ServiceView | undefined
}

/** The way of requests that name a model to the service that serves it, now or soon. */
export function entrance({ clock, door, demand, resolve, swap, service }: EntranceOptions): Entrance {
  function known(model: string): Named {
    const named = resolve(model)
    if (named) return named
    const text = `model: ${JSON.stringify(model.slice(0, 100))} is not known here; GET /v1/models lists what is`
    throw new ApiError(404, 'model_not_found', text, { param: 'model' })
  }

  function admitted(named: Named): Entered | null {
    const leave = named.upstreamName === null ? null : door.pass(named.service.id)
    return leave && { named, leave }
  }

  function running(): JobView | null {
    const job = swap()
    return job && job.ended_at === null ? job : null
  }

  async function wait(model: string, caller: Caller, tell: (look: () => Waiting) => void = () => {}): Promise<Entered> {
    const until = clock.rising() + caller.holdMs
    let ticket: Ticket | null = null
    let awaited: string | null = null
    let keepS = 0
    try {
      for (;;) {
        const named = known(model)
        const entered = admitted(named)
        if (entered) return entered
        const job = running()
        // A swap that has ended opens its doors a moment later.
        const changing = named.coming || named.upstreamName !== null || (!job && door.isShut(named.service.id))
        // One that is on its way back is no longer coming, and still what is waited for.
        if (named.coming || (job && job.recipe === named.recipe?.id)) awaited = job?.id ?? awaited
        if (!changing) ticket ??= joined(model, named, caller, awaited)
        const standing = named.coming ? null : (ticket?.standing() ?? null)
        if (standing?.refused) throw refused(named, standing, lastOf(awaited))
        const look = (): Waiting => {
          const coming = resolve(model)?.coming
          return { job: running(), standing: coming ? null : (ticket?.standing() ?? null) }
        }
        tell(look)
        await waited(named, caller, until - clock.rising(), look)
      }
    } catch (error) {
      if (error instanceof LateError) keepS = Math.min(longestKeptS, (error.options.retryAfter ?? 0) + keptS)
      throw error
    } finally {
      ticket?.leave(keepS * 1000)
    }
  }

  /** Queues for a model that is neither loaded nor coming. */
  function joined(model: string, named: Named, { token, fits }: Caller, awaited: string | null): Ticket {
    if (named.exact && named.recipe?.demand.onDemand) {
      if (fits && !fits(named)) throw otherPath(named)
      return demand.join(named.recipe, token)
    }
    throw notLoaded(model, named, service(named.service.id), lastOf(awaited))
  }

  function lastOf(job: string | null): JobView | null {
    const last = swap()
    return last && last.id === job && last.ended_at !== null && last.state !== 'done' ? last : null
  }

  async function waited({ service: { id } }: Named, { signal, bytes }: Caller, ms: number, look: () => Waiting) {
    try {
      await door.wait(id, { signal, ms, bytes })
    } catch (error) {
      if (signal.aborted) throw new ApiError(499, 'client_closed', 'the client went away')
      if (!(error instanceof HeldError)) throw error
      throw late(look())
    }
  }

  return {
    now: (model) => admitted(known(model)),
    wait,
  }
}

// Whoever asks again when it was told to finds its place in the queue kept, a little late too.
const keptS = 5
const longestKeptS = 120
// Nothing tells how long it takes: so often it may be asked again.
const askAgainS = 5

/** It did not come in time. */
class LateError extends ApiError {}

/** Its model could not answer on this path. */
export function otherPath({ repo }: Named): ApiError {
  const text = `model: ${repo} does not serve this path; GET /v1/models tells what it can`
  return new ApiError(404, 'model_not_found', text, { param: 'model' })
}

function late({ job, standing }: Waiting): LateError {
  if (standing) {
    const { place, reason, retryS, etaS } = standing
    const text = `model: is number ${place} of those to be loaded${reason ? `, and waits: ${reason}` : ''}; try again in ${retryS} s`
    const more = { job: null, progress: null, eta_s: etaS, place, reason }
    return new LateError(503, 'model_loading', text, { param: 'model', retryAfter: retryS, more })
  }
  const eta = job?.eta_s == null ? null : Math.max(1, Math.ceil(job.eta_s))
  const retryAfter = eta ?? askAgainS
  const what = job?.recipe ? `${job.recipe} is being loaded` : 'what is loaded is being changed'
  const more = { job: job?.id ?? null, progress: job?.progress ?? null, eta_s: eta }
  return new LateError(503, 'model_loading', `model: ${what}; try again in ${retryAfter} s`, {
    param: 'model',
    retryAfter,
    more,
  })
}

/** It was asked for, and won't be loaded. */
function refused({ repo }: Named, { reason, retryS }: Standing, failed: JobView | null): ApiError {
  return new ApiError(503, 'model_not_loaded', `model: ${repo} is not loaded; ${reason}`, {
    param: 'model',
    retryAfter: retryS,
    more: { reason, job: failed?.id ?? null },
  })
}

function notLoaded(asked: string, named: Named, seen: ServiceView | undefined, failed: JobView | null): ApiError {
  const { repo, service, recipe } = named
  const meant = asked === repo || asked === recipe?.id ? repo : JSON.stringify(asked)
  const failure = failed ? `: its load has failed (${failed.error?.message ?? 'it was cancelled'})` : ''
  const text = recipe
    ? `model: nothing that serves ${meant} is loaded${failure}; swap to ${recipe.id} first`
    : `model: ${meant} is not available now (${service.id} is ${seen?.state ?? 'unknown'}); look at its tile`
  return new ApiError(503, 'model_not_loaded', text, {
    param: 'model',
    retryAfter: 30,
    ...(failed ? { more: { job: failed.id } } : {}),
  })
}
