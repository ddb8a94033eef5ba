import type { Service } from '../../core/config/cluster'
import { LockedError } from '../../core/coordination/lock'
import { ApiError } from '../../core/gateway/api-error'
import { finalStates, type JobView, type SwapCause } from '../../core/jobs/job'
import { SwapRunningError } from '../../core/jobs/journal'
import { jobTitle } from '../../core/jobs/record-jobs'
import { homeOf } from '../../core/models/home'
import type { Recipe } from '../../core/models/recipe'
import type { Runtime } from '../../core/runtime'
import { ArbiterClosedError } from '../../core/swap/arbiter'
import { untrusted } from '../../core/swap/plan'
import { eventStream } from '../event-stream'
import type { Route } from '../route'
import { firstSight } from './first-sight'
import { cancelJob, jobOf } from './jobs'
import { lockedError } from './locked'
import { once } from './once'
import { isForced } from './parameter'

const idSchema = { type: 'string', minLength: 1, maxLength: 64 }
const body = {
  type: 'object',
  additionalProperties: false,
  required: ['recipe'],
  properties: {
    recipe: { ...idSchema, type: ['string', 'null'] },
    service: idSchema,
    make_room: { type: 'boolean' },
    confirm: { type: 'string', maxLength: 200 },
  },
}

/** What a swap request came to. */
export type SwapAnswer =
  | { job: JobView }
  | { loaded: { service: string; recipe: string | null; repo: string; since: string } | null }

/** The change of the running model. */
export const swapRoutes: Route[] = [
  {
    method: 'POST',
    path: '/api/swap/plan',
    tag: 'swap',
    summary: 'What a swap would do, without doing it',
    body,
    example: { recipe: 'qwen3.6-35b-a3b-nvfp4' },
    answers: { 404: 'no such recipe' },
    async handle({ runtime, body }) {
      const { make_room: room = false, ...swap } = body as Asked
      const { recipe, service } = asked(runtime, swap)
      await firstSight(runtime, service)
      return (await runtime.arbiter.plan(recipe, service, () => room)).plan
    },
  },
  {
    method: 'POST',
    path: '/api/swap',
    tag: 'swap',
    summary: 'Swap to a recipe; `recipe: null` unloads',
    body,
    example: { recipe: 'qwen3.6-35b-a3b-nvfp4' },
    query: {
      force: { about: "`true`: although somebody else holds the lock; the body's `confirm` must name the holder" },
    },
    answers: {
      202: 'accepted',
      404: 'no such recipe',
      409: 'another swap is running',
      422: 'impossible, with the reason',
      423: 'locked by somebody else; the header X-Swap-Token shows who holds the lock',
    },
    async handle({ runtime, request, url, body }) {
      const { confirm, ...asked } = body as Asked
      const force = isForced(url) ? (confirm ?? '') : null
      const token = request.headers.get('x-swap-token')
      const swap = { ...asked, by: 'app' as const, token, force }
      const answer = await requestSwap(runtime, swap, request.headers.get('idempotency-key'))
      if ('job' in answer)
        return Response.json(
          { job: answer.job.id },
          { status: 202, headers: { location: `/api/swap/${answer.job.id}` } },
        )
      return { job: null, model: answer.loaded }
    },
  },
  {
    method: 'GET',
    path: '/api/swap',
    tag: 'swap',
    summary: 'The running swap, or the last one, or null',
    handle: ({ runtime }) => Response.json(runtime.arbiter.current()),
  },
  {
    method: 'GET',
    path: '/api/swap/:job',
    tag: 'swap',
    summary: 'One swap',
    answers: { 404: 'no such swap' },
    handle: ({ runtime, params }) => swapOf(runtime, params.job),
  },
  {
    method: 'GET',
    path: '/api/swap/:job/events',
    tag: 'swap',
    summary: 'One swap live (SSE), until its end',
    answers: { 404: 'no such swap' },
    handle({ runtime, params, request }) {
      const job = swapOf(runtime, params.job)
      return eventStream(request, (send, close) => {
        const show = (view: JobView, id: number) => {
          send({ event: 'swap', data: view, id })
          if (finalStates.includes(view.state)) close()
        }
        show(job, runtime.hub.lastId)
        return runtime.hub.subscribe(({ type, data, id }) => {
          if (type === 'swap' && (data as JobView).id === job.id) show(data as JobView, id)
        })
      })
    },
  },
  {
    method: 'DELETE',
    path: '/api/swap/:job',
    tag: 'swap',
    summary: 'Cancel a swap',
    answers: { 404: 'no such swap', 409: 'it has ended', 503: 'the configuration is being read anew' },
    handle: ({ runtime, params }) => cancelJob(runtime, swapOf(runtime, params.job).id),
  },
]

interface Asked {
  recipe: string | null
  service?: string
  /** Models of other services may end so that it fits. */
  make_room?: boolean
  confirm?: string
}

export interface SwapRequest {
  recipe: string | null
  service?: string
  /** Models of other services may end so that it fits. */
  make_room?: boolean
  by: SwapCause
  /** Of whoever holds the lock. */
  token?: string | null
  /** The name of the lock's holder, typed by whoever swaps in spite of it. */
  force?: string | null
  /** Load it anew although it is loaded; no caller can ask so over HTTP. */
  again?: boolean
}

/** Checks a request for a swap and starts it; a repeated key gives the job that it gave before. @throws {ApiError} 404, 409, 422, 423 */
export async function requestSwap(
  runtime: Runtime,
  request: SwapRequest,
  idempotencyKey: string | null = null,
): Promise<SwapAnswer> {
  // Of a hundred at once the first is planned, and the others are told of its job.
  return once(runtime, 'swap', idempotencyKey, (_, key) =>
    runtime.arbiter.alone(() => beginSwap(runtime, request, key)),
  )
}

async function beginSwap(runtime: Runtime, request: SwapRequest, key: string | null): Promise<SwapAnswer> {
  const { recipe, service } = asked(runtime, request)
  mayPass(runtime, request)
  if (recipe && !recipe.trusted) throw notTrusted(recipe)
  refuseSecond(runtime)
  await firstSight(runtime, service)
  const loaded = runtime.arbiter.loaded().find((each) => each.service === service.id)
  const there = recipe ? loaded?.recipe?.id === recipe.id : !loaded && stopped(runtime, service)
  if (there && !request.again) {
    return {
      loaded: loaded
        ? { service: loaded.service, recipe: loaded.recipe?.id ?? null, repo: loaded.repo, since: loaded.since }
        : null,
    }
  }
  const { plan, ...planned } = await runtime.arbiter.plan(recipe, service, () => request.make_room === true)
  if (!plan.possible)
    throw new ApiError(422, 'swap_impossible', plan.reason ?? 'it cannot be done now', {
      param: '/recipe',
      more: { reason: plan.reason, would_end: plan.would_end },
    })
  if (recipe) refuseDeleted(runtime, recipe)
  // Another request may have been first while this one was planned; the journal lets only one in.
  refuseSecond(runtime)
  // Only whom the person has named is passed over: somebody else may hold the lock by now.
  const forced = mayPass(runtime, request)
  try {
    const { by, token } = request
    const job = runtime.arbiter.start({ ...planned, service, usual: plan.eta_s, by }, { token, forced, key })
    note(runtime, job, forced ? `, although ${request.force} holds the lock` : '')
    return { job }
  } catch (error) {
    if (error instanceof SwapRunningError) {
      const job = runtime.journal.unfinished('swap')[0]?.view.id ?? null
      throw new ApiError(409, 'swap_running', 'another swap is running; wait for it or cancel it', {
        retryAfter: 30,
        more: { job },
      })
    }
    if (error instanceof LockedError) throw lockedError(error.lock)
    if (error instanceof ArbiterClosedError) throw new ApiError(503, 'reloading', error.message, { retryAfter: 2 })
    throw error
  }
}

// It runs by now: what is only noted beside it must not tell otherwise.
function note({ history }: Runtime, job: JobView, over: string) {
  try {
    history.note({ type: 'action', service: job.service, job: job.id, text: `${jobTitle(job)}: asked for${over}` })
  } catch {
    // The history tells by itself what it lost.
  }
}

/** @throws {ApiError} 404 */
function swapOf(runtime: Runtime, id: string | undefined): JobView {
  const job = jobOf(runtime, id)
  if (job.kind === 'swap') return job
  throw new ApiError(404, 'job_not_found', `job: is no swap; GET /api/jobs/${job.id} tells of it`)
}

/** Whether it goes on in spite of the lock. @throws {ApiError} 423 */
function mayPass({ lock }: Runtime, { token = null, force = null }: SwapRequest): boolean {
  if (lock.admits(token)) return false
  const view = lock.view()
  if (force !== null && force === view.holder) return true
  throw lockedError(view, force !== null)
}

function asked(
  runtime: Runtime,
  { recipe: id, service: on }: Pick<SwapRequest, 'recipe' | 'service'>,
): { recipe: Recipe | null; service: Service } {
  const recipe = id === null ? null : runtime.recipes.find((each) => each.id === id)
  const service = on === undefined ? usualService(runtime, recipe) : runtime.swappable.find((each) => each.id === on)
  if (!service)
    throw new ApiError(
      404,
      'service_not_found',
      'service: takes no models; name a service whose model can be swapped',
      { param: '/service' },
    )
  if (recipe === undefined)
    throw new ApiError(404, 'recipe_not_found', 'recipe: is not in the catalogue; GET /api/recipes lists it', {
      param: '/recipe',
    })
  return { recipe, service }
}

function usualService({ swappable, arbiter }: Runtime, recipe: Recipe | null | undefined): Service | undefined {
  return recipe ? homeOf(recipe, swappable, arbiter.loaded()) : swappable[0]
}

function notTrusted(recipe: Recipe): ApiError {
  return new ApiError(422, 'recipe_not_trusted', untrusted(recipe), {
    param: '/recipe',
    more: { reason: untrusted(recipe), hash: recipe.hash, recipe: recipe.id },
  })
}

function refuseDeleted(runtime: Runtime, { repo }: Recipe) {
  const job = runtime.transfers.running(repo)
  if (job?.action !== 'delete') return
  throw new ApiError(409, 'delete_running', `${repo}: is being deleted; wait for its end or cancel it`, {
    more: { job: job.id },
  })
}

function refuseSecond(runtime: Runtime) {
  const current = runtime.arbiter.current()
  if (!current || finalStates.includes(current.state)) return
  const { id: job, eta_s } = current
  throw new ApiError(
    409,
    'swap_running',
    `another swap is running (to ${current.recipe ?? 'nothing'}); wait for it or cancel it`,
    { retryAfter: eta_s ?? 30, more: { job, ...(eta_s === null ? {} : { eta_s }) } },
  )
}

function stopped(runtime: Runtime, service: Service): boolean {
  return runtime.observed.service(service.id)?.state === 'stopped'
}
