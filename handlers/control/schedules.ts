import { type AskedPlan, PlanError } from '../../core/coordination/plan'
import { type ScheduleView, TooManySchedulesError } from '../../core/coordination/schedules'
import { ApiError } from '../../core/gateway/api-error'
import type { Runtime } from '../../core/runtime'
import type { Route } from '../route'
import { oneLine } from './one-line'
import { limitOf, limitSchema, wrongParameter } from './parameter'

const orNull = (schema: object) => ({ ...schema, type: ['string', 'null'] })
const body = {
  type: 'object',
  additionalProperties: false,
  required: ['owner', 'title', 'recipe', 'duration_s'],
  properties: {
    owner: oneLine(120),
    title: oneLine(200),
    recipe: orNull({ minLength: 1, maxLength: 64 }),
    cron: orNull({ maxLength: 200 }),
    at: orNull({ maxLength: 40 }),
    timezone: { type: 'string', minLength: 1, maxLength: 64 },
    duration_s: { type: 'integer', minimum: 60, maximum: 604_800 },
  },
}
const example = {
  owner: 'evaluation',
  title: 'Nightly run',
  recipe: 'qwen3.6-35b-a3b-nvfp4',
  cron: '0 3 * * 1-5',
  timezone: 'Europe/Berlin',
  duration_s: 7200,
}
const wrong = 'a field is wrong, it never happens, or there is no such recipe'

/** Who plans which swap when. Spark Control runs none of them: people and apps read them to keep out of each other's way. */
export const scheduleRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/schedules',
    tag: 'schedules',
    summary: 'Planned swaps, oldest entry first, each with its next five begins',
    query: { limit: limitSchema(50, 200), cursor: { about: 'the `next` of an answer' } },
    answers: { 422: 'the limit or cursor is wrong' },
    handle({ runtime, url }) {
      const limit = limitOf(url, 50, 200)
      const all = runtime.schedules.all()
      const begin = firstAfter(all, url.searchParams.get('cursor'))
      const schedules = all.slice(begin, begin + limit)
      return { schedules, next: begin + limit < all.length ? (schedules.at(-1)?.id ?? null) : null }
    },
  },
  {
    method: 'GET',
    path: '/api/schedules/:id',
    tag: 'schedules',
    summary: 'One planned swap',
    answers: { 404: 'no such schedule' },
    handle: ({ runtime, params }) => runtime.schedules.get(params.id ?? '') ?? missing(),
  },
  {
    method: 'POST',
    path: '/api/schedules',
    tag: 'schedules',
    summary: 'Plan a swap; `overlaps` names others at the same time',
    body,
    example,
    success: 201,
    answers: { 201: 'planned', 409: 'there are too many', 422: wrong },
    handle({ runtime, request, body }) {
      const schedule = addOnce(runtime, request.headers.get('idempotency-key'), body as AskedPlan)
      return Response.json(schedule, { status: 201, headers: { location: `/api/schedules/${schedule.id}` } })
    },
  },
  {
    method: 'PUT',
    path: '/api/schedules/:id',
    tag: 'schedules',
    summary: 'Replace a planned swap',
    body,
    example,
    answers: { 404: 'no such schedule', 422: wrong },
    handle: ({ runtime, params, body }) => {
      const { id = '' } = params
      if (!runtime.schedules.get(id)) return missing()
      return planned(() => runtime.schedules.replace(id, body as AskedPlan)) ?? missing()
    },
  },
  {
    method: 'DELETE',
    path: '/api/schedules/:id',
    tag: 'schedules',
    summary: 'Remove a planned swap',
    success: 204,
    answers: { 204: 'removed', 404: 'no such schedule' },
    handle({ runtime, params }) {
      if (!runtime.schedules.remove(params.id ?? '')) missing()
      return new Response(null, { status: 204 })
    },
  },
]

/** Plans a swap. @throws {ApiError} 409, 422 */
export function addSchedule({ schedules }: Runtime, asked: AskedPlan, kept?: (id: string) => void): ScheduleView {
  return planned(() => schedules.add(asked, kept))
}

/** A repeated key gives what it planned before, as long as that is there. */
function addOnce(runtime: Runtime, given: string | null, asked: AskedPlan): ScheduleView {
  const key = given === null ? null : `schedule ${given}`
  const earlier = key === null ? null : runtime.journal.byKey(key)
  const before = earlier === null ? null : runtime.schedules.get(earlier)
  if (before) return before
  return addSchedule(runtime, asked, (id) => {
    if (key !== null) runtime.journal.rememberKey(key, id)
  })
}

function planned<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof PlanError) throw new ApiError(422, 'invalid_schedule', error.message, { param: error.param })
    if (error instanceof TooManySchedulesError) throw new ApiError(409, 'too_many_schedules', error.message)
    throw error
  }
}

/** Ids rise: the place goes on although what the cursor names was removed meanwhile. */
function firstAfter(all: readonly ScheduleView[], cursor: string | null): number {
  if (cursor === null) return 0
  const place = /^schedule-(\d{1,15})$/.exec(cursor)?.[1]
  if (place === undefined) throw wrongParameter('cursor', 'is not the `next` of an answer')
  const begin = all.findIndex(({ id }) => Number(id.slice('schedule-'.length)) > Number(place))
  return begin < 0 ? all.length : begin
}

function missing(): never {
  throw new ApiError(404, 'schedule_not_found', 'schedule: is not known; GET /api/schedules lists them')
}
