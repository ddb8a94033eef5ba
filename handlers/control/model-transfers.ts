import { idPattern, repoPattern } from '../../core/config/common-schema'
import { ApiError } from '../../core/gateway/api-error'
import type { JobView } from '../../core/jobs/job'
import { RunnerClosedError } from '../../core/jobs/runner'
import { TransferRefusal } from '../../core/models/transfer/refusal'
import type { Runtime } from '../../core/runtime'
import type { Route } from '../route'
import { once } from './once'
import { wrongParameter } from './parameter'

const repo = new RegExp(repoPattern)
const part = { pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/, rule: 'is not a part of a model name org/name' }
const hostId = new RegExp(idPattern)
const hostList = {
  type: 'array',
  items: { type: 'string', pattern: idPattern },
  minItems: 1,
  maxItems: 256,
  uniqueItems: true,
}

const statuses: Record<string, number> = {
  model_loaded: 409,
  swap_running: 409,
  download_running: 409,
  delete_running: 409,
  model_not_found: 404,
  host_unreachable: 503,
  hub_off: 503,
  hub_unreachable: 503,
}

/** How models get onto the Sparks and off them. */
export const modelTransferRoutes: Route[] = [
  {
    method: 'POST',
    path: '/api/models/download',
    tag: 'models',
    summary:
      'Download a model to the Sparks that launch it, or to those named; what is there already is copied or passed over',
    body: {
      type: 'object',
      additionalProperties: false,
      required: ['repo'],
      properties: { repo: { type: 'string', pattern: repoPattern }, hosts: hostList },
    },
    example: { repo: 'openai/gpt-oss-20b' },
    success: 202,
    answers: {
      202: 'accepted, or the job of that model that runs already',
      409: 'it is being deleted, or downloaded to other Sparks',
      422: 'no model name, or no such host',
    },
    async handle({ runtime, request, body }) {
      const { repo, hosts } = body as { repo: string; hosts?: string[] }
      return accepted(await requestDownload(runtime, repo, hosts, request.headers.get('idempotency-key')))
    },
  },
  {
    method: 'DELETE',
    path: '/api/models/:org/:name',
    params: { org: part, name: part },
    tag: 'models',
    summary: 'Delete a model from the cache of the login on every Spark that has it, or from those named',
    query: { hosts: { about: 'ids of Sparks, as in `spark-1,spark-2`; every one that has it when left out' } },
    success: 202,
    answers: {
      202: 'accepted',
      404: 'no Spark has it',
      409: 'it is loaded, swapped to or downloaded, by whomever',
      422: 'it lies in no cache of the login, or no such host',
      503: 'a Spark can not be reached',
    },
    async handle({ runtime, request, params, url }) {
      const hosts = namedHosts(url.searchParams.get('hosts'))
      const key = request.headers.get('idempotency-key')
      return accepted(await requestDelete(runtime, `${params.org}/${params.name}`, hosts, key))
    },
  },
  {
    method: 'GET',
    path: '/api/models/search',
    tag: 'models',
    summary: 'Search the hub, asked by a Spark',
    query: {
      q: { about: 'what to look for', required: true, schema: { type: 'string', minLength: 1, maxLength: 100 } },
    },
    answers: { 422: 'nothing to search for', 503: 'the hub is off, or can not be reached from a Spark' },
    async handle({ runtime, url, request }) {
      const words = url.searchParams.get('q')?.trim() ?? ''
      if (words === '' || words.length > 100)
        throw wrongParameter('q', 'must be 1 to 100 characters', 'write what to look for')
      return { models: await answered(() => runtime.transfers.search(words, request.signal)) }
    },
  },
]

/** @throws {ApiError} 422 where a list is given that names none */
export function namedHosts(text: string | null): string[] | undefined {
  if (text === null) return undefined
  const ids = text.split(',')
  if (ids.every((id) => hostId.test(id))) return ids
  throw wrongParameter('hosts', 'is no list of hosts such as spark-1,spark-2', 'correct it, or leave it out for all')
}

/** Begins a download, or gives the one that runs. @throws {ApiError} 409, 422 */
export function requestDownload(
  runtime: Runtime,
  wanted: string,
  hosts?: string[],
  idempotencyKey: string | null = null,
): Promise<{ job: JobView }> {
  return once(runtime, 'download', idempotencyKey, async (remember) => {
    if (!repo.test(wanted))
      throw new ApiError(422, 'invalid_repo', 'repo: is no model name; write org/name', { param: '/repo' })
    const before = runtime.transfers.running(wanted)
    const job = await answered(async () => runtime.transfers.download(wanted, hosts))
    remember(job)
    if (job.id !== before?.id) note(runtime, job)
    return { job }
  })
}

/** Begins a delete. @throws {ApiError} 404, 409, 422, 503 */
export function requestDelete(
  runtime: Runtime,
  repo: string,
  hosts?: string[],
  idempotencyKey: string | null = null,
): Promise<{ job: JobView }> {
  const what = `delete ${repo} ${hosts?.join(',') ?? ''}`
  return once(runtime, what, idempotencyKey, async (remember) => {
    const job = await answered(() => runtime.transfers.remove(repo, hosts))
    remember(job)
    note(runtime, job)
    return { job }
  })
}

function note({ history }: Runtime, { id, title }: JobView) {
  history.note({ type: 'action', job: id, text: `${title}: asked for` })
}

async function answered<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof RunnerClosedError) throw new ApiError(503, 'reloading', error.message, { retryAfter: 2 })
    if (!(error instanceof TransferRefusal)) throw error
    const status = statuses[error.code] ?? 422
    // A loaded model does not go by waiting.
    const retryAfter =
      status === 409 && error.code !== 'model_loaded' ? 10 : status === 503 && error.code !== 'hub_off' ? 15 : undefined
    throw new ApiError(status, error.code, error.message, {
      ...(retryAfter ? { retryAfter } : {}),
      ...(error.code === 'unknown_host' ? { param: '/hosts' } : {}),
      more: error.more,
    })
  }
}

function accepted({ job: { id } }: { job: JobView }): Response {
  return Response.json({ job: id }, { status: 202, headers: { location: `/api/jobs/${id}` } })
}
