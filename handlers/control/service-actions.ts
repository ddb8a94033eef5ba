import type { Service } from '../../core/config/cluster'
import { ApiError } from '../../core/gateway/api-error'
import { ActionRunningError, RunnerClosedError } from '../../core/jobs/runner'
import type { Runtime } from '../../core/runtime'
import { type ActionName, actionNames } from '../../core/services/action'
import type { Route } from '../route'
import { modelActions, modelEffect, requestModelAction, type Who } from './model-actions'
import { once } from './once'
import { reach, remoteError } from './reach'
import type { SwapAnswer } from './swap'

/** `POST /api/services/:id/start`, `stop`, `restart`, `update`. */
export const serviceActionRoutes: Route[] = actionNames.map((name) => ({
  method: 'POST',
  path: `/api/services/:id/${name}`,
  tag: 'services',
  summary: summaries(name),
  answers: {
    202: 'accepted',
    404: 'no such service',
    409: 'another action of this service, or a swap, is running',
    422: 'its kind has no such action, or it can not work',
    423: 'swaps are locked by somebody else (services that take models)',
    503: 'its host can not be reached',
  },
  async handle({ runtime, params, request }) {
    const service = declared(runtime, params.id)
    const who = { by: 'app' as const, token: request.headers.get('x-swap-token') }
    const answer = await requestAction(runtime, service, name, who, request.headers.get('idempotency-key'))
    if (!('job' in answer)) return { job: null, model: answer.loaded }
    const { id } = answer.job
    return Response.json({ job: id }, { status: 202, headers: { location: `/api/jobs/${id}` } })
  },
}))

/** What a person may do to a service; nothing while it is disabled. */
export function offeredActions(runtime: Runtime, service: Service): ActionName[] {
  if (takesModels(runtime, service)) return [...modelActions]
  return runtime.controls.actions(service).map(({ name }) => name)
}

/** What an action would do and to whom, as a sentence goes on; null where the service has it not. @throws {ApiError} 422 why it can't */
export function effectOf(runtime: Runtime, service: Service, name: ActionName): string | null {
  if (takesModels(runtime, service)) return name === 'update' ? null : modelEffect(runtime, service, name)
  return runtime.controls.actions(service).find((each) => each.name === name)?.effect ?? null
}

function takesModels(runtime: Runtime, { id }: Service): boolean {
  return runtime.swappable.some((each) => each.id === id)
}

/** Checks a request for an action and begins it. @throws {ApiError} 409, 422, 503 */
export async function requestAction(
  runtime: Runtime,
  service: Service,
  name: ActionName,
  who: Who,
  idempotencyKey: string | null = null,
): Promise<SwapAnswer> {
  if (name !== 'update' && takesModels(runtime, service))
    return requestModelAction(runtime, service, name, who, idempotencyKey)
  const action = runtime.controls.actions(service).find((each) => each.name === name)
  if (!action) throw notAvailable(runtime, service, name)
  return once(runtime, `${name} ${service.id}`, idempotencyKey, async (remember) => {
    refuseSecond(runtime, service)
    const live = runtime.logins.of(service)
    await reach(live)
    try {
      const job = await runtime.controls.begin(runtime.runner, service, action)
      remember(job)
      runtime.history.note({ type: 'action', service: service.id, job: job.id, text: `${job.title}: asked for` })
      return { job }
    } catch (error) {
      if (error instanceof ActionRunningError) throw running(error)
      if (error instanceof RunnerClosedError) throw new ApiError(503, 'reloading', error.message, { retryAfter: 2 })
      throw remoteError(error, live)
    }
  })
}

/** @throws {ApiError} 404 */
export function declared(runtime: Runtime, id: string | undefined): Service {
  const service = runtime.cluster.services.find((each) => each.id === id)
  if (!service) throw new ApiError(404, 'service_not_found', 'service: is not declared; GET /api/services lists them')
  return service
}

function refuseSecond(runtime: Runtime, service: Service) {
  const other = runtime.runner.running().find((each) => each.service === service.id)
  if (other) throw running(new ActionRunningError(other))
}

function running({ message, job }: ActionRunningError): ApiError {
  return new ApiError(409, 'action_running', message, { retryAfter: 10, more: { job: job.id } })
}

function notAvailable(runtime: Runtime, service: Service, name: ActionName): ApiError {
  const names = offeredActions(runtime, service)
  const why = service.disabled
    ? 'it is disabled; remove `disabled` in spark.config.yaml'
    : names.length > 0
      ? `it has ${names.join(', ')}`
      : 'it has no container; name it in spark.config.yaml'
  return new ApiError(422, 'action_not_available', `${service.id}: has no ${name}; ${why}`)
}

function summaries(name: ActionName): string {
  return name === 'update'
    ? 'Bring a service to the newest commit of its git branch'
    : `${name[0]?.toUpperCase()}${name.slice(1)} a service: its container, or the model that it serves`
}
