import type { LiveHost } from '../../cluster/hosts'
import type { Observed } from '../../cluster/observed'
import { pause } from '../../cluster/pause'
import type { Cluster, Service } from '../../config/cluster'
import type { JobView } from '../../jobs/job'
import { ActionRunningError, type JobPhase, type Runner } from '../../jobs/runner'
import { launchHosts } from '../../launchers/container'
import type { Secrets } from '../../secrets/secrets'
import type { Inventory } from '../disk/inventory'
import type { Recipe } from '../recipe'
import { type DownloadRequest, downloadPhases } from './download-phases'
import type { Look } from './examine'
import { inUse, type UseOptions } from './in-use'
import { orphans } from './orphans'
import { TransferRefusal } from './refusal'
import { removable } from './removable'
import { type RemoveRequest, removePhases } from './remove'
import { type HubModel, searchHub } from './search-hub'
import { keepSwept } from './sweep'
import type { TransferParts } from './transfer-parts'

export interface TransfersOptions {
  cluster: Cluster
  hosts: Map<string, LiveHost>
  /** Services that take models; the first one's hosts are where a model is wanted. */
  swappable: Service[]
  /** In the order in which they are preferred. */
  recipes(): Recipe[]
  observed: Pick<Observed, 'service'>
  /** What is loaded, and the running swap or the last one. */
  loaded: UseOptions['loaded']
  swap: UseOptions['swap']
  secrets: Secrets
  /** Its jobs of kind `model` are made by `phasesOf` of this. */
  runner(): Runner
  look: Look
  /** Where each model lies, as last seen. */
  disks: Pick<Inventory, 'of' | 'look'>
  /** Told whenever what lies on a host's disk has changed; resolves once that was seen. */
  changed(host: string): Promise<void>
}

/** Brings models onto the Sparks and takes them away; one job a repo. */
export interface Transfers {
  /**
   * Begins a download, or gives the one that runs.
   * @param hosts ids; where its recipe runs when left out
   * @throws {TransferRefusal} `unknown_host`, `download_running`, `delete_running`
   */
  download(repo: string, hosts?: string[]): JobView
  /**
   * Begins a delete on those hosts, or on all that have it.
   * @throws {TransferRefusal} `model_loaded`, `swap_running`, `download_running`, `delete_running`, `model_not_found`,
   * `not_in_cache`, `host_unreachable`, `unknown_host`
   */
  remove(repo: string, hosts?: string[]): Promise<JobView>
  /** The job of that repo that runs now. */
  running(repo: string): JobView | null
  /** @throws {TransferRefusal} `hub_off`, `hub_unreachable` */
  search(words: string, signal?: AbortSignal): Promise<HubModel[]>
  /** The phases of a job that was accepted earlier; null when they can't be made any more. */
  phasesOf(view: JobView, request: unknown): JobPhase[] | null
  /** Each time a host connects, removes and ends what no job there goes on with; call it once the jobs run again. */
  sweep(signal: AbortSignal): void
}

const changedMs = 5000

/** Puts downloads, copies and deletes together with what runs them. */
export function transfers(options: TransfersOptions): Transfers {
  const { cluster, hosts, swappable, recipes, secrets, runner, look, disks } = options
  const uses = () => inUse({ ...options, services: cluster.services })
  const parts: TransferParts = {
    hosts,
    hub: cluster.hub,
    secret: cluster.hubToken,
    token: () => tokenOf(secrets, cluster.hubToken),
    look,
    inUse: () => new Set(uses().keys()),
    busy: (host, job) =>
      runner()
        .running()
        .some(({ id, hosts }) => id !== job && hosts?.includes(host)),
    orphans: orphans(),
    // A Spark that is slow to tell its disk must not hold the end of a job.
    changed: (host) => Promise.race([options.changed(host), pause(changedMs)]),
  }

  // By host and repo, what was asked for here.
  const begun = new Set<string>()
  let sweeping = false
  const isOurs = ({ host }: LiveHost, repo: string) => begun.has(`${host.id} ${repo}`)

  const runningNow = () => runner().running()
  const running = (repo: string) => runningNow().find((job) => job.repo === repo) ?? null

  function download(repo: string, wanted?: string[]): JobView {
    const recipe = recipeOf(repo)
    const on = [...new Set(wanted ?? standardHosts(recipe))]
    for (const id of on) if (!hosts.has(id)) throw notDeclared(id)
    if (on.length === 0) throw new TransferRefusal('no_host', 'hosts: names none; name a Spark')
    const request: DownloadRequest = { repo, revision: recipe?.revision ?? null, hosts: on }
    const other = running(repo)
    if (other) return joined(other, wanted === undefined ? [] : on)
    const phases = phasesOfDownload(request)
    return runner().start({
      subject: { repo, hosts: on },
      action: 'download',
      title: `Download ${repo}`,
      phases,
      request: { ...request },
    })
  }

  function phasesOfDownload(request: DownloadRequest): JobPhase[] {
    for (const id of request.hosts) begun.add(`${id} ${request.repo}`)
    return downloadPhases(parts, request)
  }

  /** The one that runs does for a caller who wants no other hosts. */
  function joined(job: JobView, on: string[]): JobView {
    if (job.action === 'download' && job.ending === null && on.every((id) => job.hosts?.includes(id))) return job
    throw isRunning(job)
  }

  function recipeOf(repo: string): Recipe | null {
    const all = recipes().filter((recipe) => recipe.repo === repo)
    return all.find(({ unrunnable }) => unrunnable === null) ?? all[0] ?? null
  }

  function standardHosts(recipe: Recipe | null): string[] {
    const [service] = swappable
    if (!service) return [...hosts.keys()].slice(0, 1)
    return (recipe ? launchHosts(recipe, service) : service.hosts.slice(0, 1)).map(({ id }) => id)
  }

  async function remove(repo: string, wanted?: string[]): Promise<JobView> {
    for (const id of wanted ?? []) if (!hosts.has(id)) throw notDeclared(id)
    refuse(repo)
    const asked = wanted ? [...new Set(wanted)] : likely(repo)
    const found = await Promise.all(
      asked
        .flatMap((id) => hosts.get(id) ?? [])
        .map((live) => removable(live, repo, { look, ours: isOurs(live, repo) })),
    )
    const on = found.filter(({ own }) => own).map(({ host }) => host)
    const stays = found.filter(({ own }) => !own).flatMap((each) => each.stays ?? [])
    if (on.length === 0 && stays.length > 0)
      throw new TransferRefusal('not_in_cache', `${repo}: ${stays.join(', and ')}; remove it there by hand`)
    if (on.length === 0)
      throw new TransferRefusal(
        'model_not_found',
        `${repo}: is on none of ${asked.join(', ') || 'the Sparks'}; GET /api/models lists what is`,
      )
    // Time has passed while the Sparks were asked.
    refuse(repo)
    const request: RemoveRequest = { repo, hosts: on, stays }
    return runner().start({
      subject: { repo, hosts: on },
      action: 'delete',
      title: `Delete ${repo}`,
      phases: removePhases(parts, request, () => uses().get(repo) ?? null),
      request: { ...request },
    })
  }

  function refuse(repo: string) {
    const other = running(repo)
    if (other) throw isRunning(other)
    const use = uses().get(repo)
    if (use) throw use
  }

  /** Who can be asked, and of the others those where it was last seen or nobody has looked yet. */
  function likely(repo: string): string[] {
    const seen = disks.of(repo)
    return [...hosts].flatMap(([id, { link }]) => (link.state === 'up' || seen[id] !== null ? [id] : []))
  }

  return {
    download(repo, wanted) {
      try {
        return download(repo, wanted)
      } catch (error) {
        throw error instanceof ActionRunningError ? isRunning(error.job) : error
      }
    },
    async remove(repo, wanted) {
      try {
        return await remove(repo, wanted)
      } catch (error) {
        throw error instanceof ActionRunningError ? isRunning(error.job) : error
      }
    },
    running,
    async search(words, signal) {
      if (cluster.hub === null)
        throw new TransferRefusal('hub_off', 'hub: is never asked; name one as `models.hub` in spark.config.yaml')
      const up = [...hosts.values()].filter(({ link }) => link.state === 'up')
      let problem = 'no Spark can be reached to ask it; try again later'
      for (const live of up) {
        try {
          return await searchHub(live, cluster.hub, words, parts.token(), signal)
        } catch (error) {
          if (signal?.aborted) throw error
          // Another Spark may have the Internet where this one has none.
          problem = `${(error as Error).message}; a name that is known can still be downloaded`
        }
      }
      throw new TransferRefusal('hub_unreachable', `hub: ${problem}`)
    },
    phasesOf(view, request) {
      if (view.action === 'download') return phasesOfDownload(request as DownloadRequest)
      const asked = request as RemoveRequest
      return view.action === 'delete' ? removePhases(parts, asked, () => uses().get(asked.repo) ?? null) : null
    },
    sweep(signal) {
      const ids = () => new Set(runningNow().map(({ id }) => id))
      if (!sweeping)
        for (const live of hosts.values()) void keepSwept(live, { disks, orphans: parts.orphans, running: ids, signal })
      sweeping = true
    },
  }
}

function notDeclared(id: string): TransferRefusal {
  return new TransferRefusal('unknown_host', `hosts: ${id} is not declared; GET /api/cluster lists them`)
}

function isRunning(job: JobView): TransferRefusal {
  const code = job.action === 'delete' ? 'delete_running' : 'download_running'
  return new TransferRefusal(code, `${job.title} is running; wait for it or cancel it`, { job: job.id })
}

/** A pasted token may end in a line break; one that could not stand in a header is none. */
function tokenOf(secrets: Secrets, name: string | null): string | null {
  const value = name === null ? null : (secrets.get(name)?.trim() ?? null)
  return value !== null && /^[\x21-\x7e]{1,4096}$/.test(value) ? value : null
}
