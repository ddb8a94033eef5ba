import { ApiError } from '../../core/gateway/api-error'
import { caps } from '../../core/history/caps'
import { isCursor } from '../../core/history/events'
import { metricName, unitOf } from '../../core/history/figures'
import type { Runtime } from '../../core/runtime'
import type { Route, RouteContext } from '../route'
import { limitOf, limitSchema, wrongParameter } from './parameter'

const hourMs = 3600_000
const time = { type: 'string', format: 'date-time' }
const idForm = /^[a-z0-9][a-z0-9._-]{0,63}$/
// A date alone or a time without a zone would mean another moment to each reader.
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i

/** What was recorded: events, and the series of hosts and services. */
export const historyRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/history',
    tag: 'history',
    summary:
      'Recorded events, newest first. What is no longer declared keeps its history; an id of which nothing is recorded gives an empty list',
    query: {
      since: { about: 'the first moment', schema: time },
      until: { about: 'the last moment', schema: time },
      host: { about: 'only of this host' },
      service: { about: 'only of this service' },
      limit: limitSchema(100, 1000),
      cursor: { about: 'the `next` of an answer' },
    },
    answers: { 422: 'a time, id, limit or cursor is wrong' },
    handle({ runtime, url }) {
      const cursor = url.searchParams.get('cursor') ?? undefined
      if (cursor !== undefined && !isCursor(cursor)) throw wrongParameter('cursor', 'is not the `next` of an answer')
      const [since, until] = [timeOf(url, 'since'), timeOf(url, 'until')]
      if (since !== undefined && until !== undefined && since > until)
        throw wrongParameter('until', 'lies before since')
      const [host, service] = [idOf(url, 'host'), idOf(url, 'service')]
      return runtime.history.events({ since, until, host, service, cursor, limit: limitOf(url, 100, 1000) })
    },
  },
  seriesRoute('host'),
  seriesRoute('service'),
]

function seriesRoute(of: 'host' | 'service'): Route {
  return {
    method: 'GET',
    path: `/api/${of}s/:id/history`,
    tag: 'history',
    summary: `Series of a ${of}; without a metric the list of them`,
    query: {
      metric: { about: 'which series; the list of them when left out' },
      from: { about: 'the first moment; an hour before the last when left out', schema: time },
      to: { about: 'the last moment; now when left out', schema: time },
      step: { about: 'seconds between two points', schema: { type: 'integer', minimum: 1 } },
    },
    answers: { 404: `no such ${of}`, 422: 'the metric, a time or the step is wrong, or more than 2,000 points' },
    handle(context) {
      const { runtime, url, params } = context
      const id = params.id ?? ''
      const subject = `${of}:${id}`
      const known = runtime.history.metrics(subject)
      const declared = runtime.cluster[`${of}s`].some((each) => each.id === id)
      if (!declared && known.length === 0)
        throw new ApiError(404, `${of}_not_found`, `${of}: is not declared; GET /api/cluster lists the ${of}s`)
      const unit = (metric: string) => unitOf(metric) ?? unitOfFact(runtime, id, metric)
      const metric = url.searchParams.get('metric')
      if (metric === null) return { metrics: known.map((name) => ({ metric: name, unit: unit(name) })) }
      if (!known.includes(metric))
        throw wrongParameter('metric', `is not recorded for this ${of}`, 'leave it out for the list')
      const { from, to, step } = rangeOf(context)
      const { step_s, points } = runtime.history.series({ subject, metric, from, to, step })
      const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
      return { metric, unit: unit(metric), ...range, step_s, points }
    },
  }
}

function unitOfFact(runtime: Runtime, service: string, metric: string): string | null {
  const facts = runtime.observed.service(service)?.facts ?? []
  return facts.find(({ label }) => metricName(label) === metric)?.unit ?? null
}

function rangeOf({ url }: RouteContext): { from: number; to: number; step?: number } {
  const to = timeOf(url, 'to') ?? Date.now()
  const from = timeOf(url, 'from') ?? to - hourMs
  if (from >= to) throw wrongParameter('from', 'does not lie before to')
  const text = url.searchParams.get('step')
  if (text === null) return { from, to }
  const step = /^\d{1,9}s?$/.test(text) ? Number.parseInt(text, 10) : 0
  if (step < 1) throw wrongParameter('step', 'is not a number of seconds')
  const least = Math.ceil((to - from) / 1000 / caps.points)
  if (step < least)
    throw wrongParameter(
      'step',
      `gives more than ${caps.points} points`,
      `ask for ${least} or more, or a shorter range`,
    )
  return { from, to, step }
}

function timeOf(url: URL, name: string): number | undefined {
  const text = url.searchParams.get(name)
  if (text === null) return undefined
  // A plus sign that was not encoded arrives as a blank.
  const given = text.replace(/ (\d\d:\d\d)$/, '+$1')
  const time = timeForm.test(given) ? Date.parse(given) : Number.NaN
  if (Number.isNaN(time) || time < 0)
    throw wrongParameter(name, 'is not an RFC 3339 time', 'write it like 2026-01-31T14:05:00Z')
  return time
}

function idOf(url: URL, name: string): string | undefined {
  const text = url.searchParams.get(name)
  if (text === null) return undefined
  if (!idForm.test(text)) throw wrongParameter(name, 'is not an id', 'use letters, digits, . _ -')
  return text
}
