import { ApiError } from '../../core/gateway/api-error'
import type { MenuModel } from '../../core/models/menu'
import { TransferRefusal } from '../../core/models/transfer/refusal'
import type { Runtime } from '../../core/runtime'
import { deleteModelPage } from '../../views/pages/delete-model'
import { type HubSearch, type ModelsSubject, modelsPage, modelsParts } from '../../views/pages/models'
import { isRunning } from '../../views/parts/job'
import { cancelJob } from '../control/jobs'
import { namedHosts, requestDelete, requestDownload } from '../control/model-transfers'
import { setSecret } from '../control/secrets'
import { act, html, problem } from './answers'
import { liveView } from './live-view'
import { pageData } from './page-data'
import { pastedRepo } from './pasted-repo'
import type { PlainRoute } from './plain-route'
import { sourceTitle } from './recipe-source'

const endedShown = 5
const longestQuery = 100
const path = '/ui/models'

/** The page of models: what lies on the disks, what is on its way, what could be fetched; and the question before a delete. */
export function modelPages(runtime: Runtime): PlainRoute[] {
  return [
    {
      method: 'GET',
      path,
      async handle(request) {
        const query = (new URL(request.url).searchParams.get('q') ?? '').trim().slice(0, longestQuery)
        const found = await searched(runtime, query, request.signal)
        return html(modelsPage(subject(runtime), found, pageData(runtime)))
      },
    },
    {
      method: 'GET',
      path: `${path}/events`,
      handle: (request) =>
        liveView(request, runtime, {
          parts: (data) => modelsParts(subject(runtime), data),
        }),
    },
    {
      method: 'POST',
      path: `${path}/download`,
      handle: (request) =>
        act(request, async (form) => requestDownload(runtime, pastedRepo(form.get('repo') ?? '')), path),
    },
    {
      method: 'POST',
      path: `${path}/cancel`,
      handle: (request) => act(request, async (form) => cancelTransfer(runtime, form.get('job')), path),
    },
    {
      method: 'POST',
      path: `${path}/token`,
      handle: (request) => act(request, async (form) => setToken(runtime, form.get('token') ?? ''), path),
    },
    {
      method: 'GET',
      path: `${path}/delete`,
      handle(request) {
        const repo = new URL(request.url).searchParams.get('repo') ?? ''
        const model = runtime.menu().models.find((each) => each.repo === repo)
        if (!model) return missing(repo)
        return html(deleteModelPage(model, keptFor(runtime, model), pageData(runtime), elsewhere(runtime, repo)))
      },
    },
    {
      method: 'POST',
      path: `${path}/delete`,
      handle: (request) =>
        act(
          request,
          async (form) => requestDelete(runtime, form.get('repo') ?? '', namedHosts(form.get('hosts'))),
          path,
        ),
    },
  ]
}

function subject({ journal, catalogue, cluster, secrets }: Runtime): ModelsSubject {
  const jobs = journal.list({ kind: 'model', limit: 20 })
  const newest = new Map(jobs.toReversed().map((job) => [job.repo, job.id]))
  const sources = catalogue.sources()
  return {
    // Of each model the last one alone: what failed before it was asked for again is over.
    ended: jobs.filter((job) => newest.get(job.repo) === job.id && !isRunning(job)).slice(0, endedShown),
    sources: sources.map(({ name, problem, notes }) => ({
      name,
      title: sourceTitle(name, sources, cluster.hosts),
      problem,
      notes,
    })),
    token: cluster.hubToken === null ? null : { name: cluster.hubToken, set: secrets.has(cluster.hubToken) },
  }
}

function setToken(runtime: Runtime, value: string) {
  const { hubToken } = runtime.cluster
  if (hubToken === null)
    throw new ApiError(409, 'no_token_named', 'models.token: names no secret; name one in spark.config.yaml')
  setSecret(runtime, hubToken, value)
}

/** Null where the hub is never asked. */
async function searched(
  { cluster, transfers }: Runtime,
  query: string,
  signal: AbortSignal,
): Promise<HubSearch | null> {
  if (cluster.hub === null) return null
  if (query === '') return { query, results: [], problem: null }
  try {
    return { query, results: await transfers.search(query, signal), problem: null }
  } catch (error) {
    if (!(error instanceof TransferRefusal)) throw error
    return { query, results: [], problem: error.message }
  }
}

async function cancelTransfer(runtime: Runtime, job: string | null) {
  if (job === null) throw new ApiError(422, 'job_missing', 'job: is missing; go back and try again')
  cancelJob(runtime, job)
}

/** Why a model can't be deleted now, by what is known without asking the hosts; the delete looks again. */
function keptFor(runtime: Runtime, { loaded, job, repo, recipes }: MenuModel): string | null {
  if (loaded) return 'it is loaded; unload it first'
  const running = runtime.runner.running().find(({ id }) => id === job)
  if (running) return `${running.title ?? repo} is running; cancel it first`
  const swap = runtime.arbiter.current()
  const swapping = swap && isRunning(swap) && [swap.recipe, swap.previous].some((id) => id && recipes.includes(id))
  return swapping ? 'a swap with it is running; wait for its end' : null
}

/** By host: the place from which no delete takes it, since it is no cache of the login. */
function elsewhere({ inventory }: Runtime, repo: string): Record<string, string> {
  const places = Object.entries(inventory.of(repo)).flatMap(([host, found]) => {
    const own = inventory.disk(host)?.caches.find((cache) => cache.own)?.path
    return found && found.cache !== own ? [[host, found.cache]] : []
  })
  return Object.fromEntries(places)
}

function missing(repo: string) {
  return problem(
    404,
    'No such model',
    `${repo || 'It'} is on no disk that was looked at.`,
    'Choose a model on the page of models.',
  )
}
