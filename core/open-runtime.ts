import { controllerKey, pasteLine } from './cluster/controller-key'
import { hostKeys } from './cluster/host-keys'
import { liveHosts } from './cluster/hosts'
import { logins } from './cluster/logins'
import { observed } from './cluster/observed'
import { restarts } from './cluster/restarts'
import type { ClusterView, ModelView } from './cluster/snapshot'
import { watch } from './cluster/watch'
import { discovery } from './discovery/discovery'
import { elsewhere } from './discovery/elsewhere'
import { hub } from './events/hub'
import { naming } from './gateway/naming'
import { recordObserved } from './history/record-observed'
import { journal } from './jobs/journal'
import { recordJobs } from './jobs/record-jobs'
import { runner } from './jobs/runner'
import { look } from './models/disk/look'
import { models } from './models/models'
import { stock } from './models/stock'
import { transfers } from './models/transfer/transfers'
import type { Runtime, RuntimeOptions } from './runtime'
import { secrets } from './secrets/secrets'
import { controls } from './services/controls'
import { followers } from './services/followers'
import { arbiter } from './swap/arbiter'
import { durations } from './swap/durations'
import { troubles } from './troubles'

/** Connects to the declared hosts and begins to watch them. */
export function openRuntime(options: RuntimeOptions): Runtime {
  const { cluster, recipes, dataDirectory, store, history, probes, swappable, log } = options
  let { findings } = options
  let recording = false
  const key = controllerKey(dataDirectory, cluster.sshKey)
  const events = hub({ onError: (error) => log.error('listener', { error: String(error) }) })
  events.subscribe(recordJobs(history))
  const stop = new AbortController()
  const noted = recordObserved(history, () => recording)
  const seen = observed({
    cluster,
    hub: events,
    ...noted,
    // While it lets go of the hosts nothing is seen any more, and that is no change of theirs.
    onChange: (change) => stop.signal.aborted || noted.onChange(change),
  })
  const pins = hostKeys(store)
  const hosts = liveHosts({
    cluster,
    key,
    hostKeys: pins,
    onLink(host, link) {
      seen.link(host, link, hosts.get(host.id)?.address ?? null)
      watching.linkChanged(host.id)
    },
  })
  const restarted = restarts({ note: (entry) => recording && history.note(entry) })
  const asked = (service: string) =>
    [swaps.current(), ...actions.running()].some((job) => job?.service === service && job.ended_at === null)
  const watching = watch({
    hosts,
    services: probes.map(({ service, newProbe }) => ({ service, probe: newProbe() })),
    observed: seen,
    signal: stop.signal,
    search: elsewhere({ hosts, services: probes }),
    // A swap or an action that ends and starts a container tells so itself.
    onContainer: (service, host, event) => asked(service.id) || restarted(service, host, event),
  })
  const { disks, launches, reckoning, catalogue } = stock({
    cluster,
    recipes,
    dataDirectory,
    store,
    hosts,
    observed: seen,
    hub: events,
    signal: stop.signal,
  })
  const jobs = journal(store)
  const learned = durations(store)
  const swaps = arbiter({
    services: swappable,
    recipes: catalogue.recipes,
    hosts,
    observed: seen,
    reckoning,
    launches,
    journal: jobs,
    durations: learned,
    hub: events,
    log: (event, error) => log.error(event, { error: String(error) }),
    look: (service) => watching.look(service),
  })
  const loggedIn = logins({
    hosts,
    key,
    hostKeys: pins,
    onLink: ({ id }) => events.publish('service', seen.service(id)),
  })
  const looked = discovery(key)
  const controlled = controls({
    actions: options.actions,
    services: cluster.services,
    logins: loggedIn,
    observed: seen,
    look: (service) => watching.look(service),
  })
  const actions = runner({
    journal: jobs,
    hub: events,
    log: (event, error) => log.error(event, { error: String(error) }),
    phasesOf: (view, request) => (view.kind === 'model' ? moved : controlled).phasesOf(view, request),
  })
  const kept = secrets(dataDirectory)
  const moved = transfers({
    cluster,
    hosts,
    swappable,
    recipes: catalogue.recipes,
    observed: seen,
    loaded: swaps.loaded,
    swap: swaps.current,
    secrets: kept,
    runner: () => actions,
    look: (live, options) => look(live, options),
    disks,
    changed: (host) =>
      disks.look(host).then(
        () => {},
        () => {},
      ),
  })
  const known = models({
    swappable,
    observed: seen,
    disks,
    recipes: catalogue.recipes,
    reckoning,
    loaded: swaps.loaded,
    lastLoaded: swaps.lastLoaded,
    usual: learned.usual,
    runner: actions,
    past: () => jobs.list({ kind: 'model', limit: 20 }),
    services: cluster.services,
    version: () => events.lastId,
  })

  const named = naming({
    cluster,
    recipes: catalogue.recipes,
    swappable,
    serves: seen.serves,
    loaded: swaps.loaded,
    version: () => events.lastId,
  })
  const needs = troubles({
    services: cluster.services,
    swappable,
    recipes: catalogue.recipes,
    observed: seen,
    history,
    arbiter: swaps,
    logins: loggedIn,
  })
  events.subscribe(({ type }) => {
    if (type === 'host' || type === 'service') needs()
  })

  function view(): ClusterView {
    const models: ModelView[] = swaps
      .loaded()
      .map(({ service, recipe, repo, since }) => ({ service, recipe: recipe?.id ?? null, repo, since }))
    return {
      hosts: seen.hosts(),
      services: seen.services(),
      models,
      model: models.find((each) => each.service === swappable[0]?.id) ?? null,
      swap: swaps.current(),
      lock: { holder: null, reason: null, expires_at: null },
    }
  }

  return {
    cluster,
    get recipes() {
      return catalogue.recipes()
    },
    catalogue,
    get findings() {
      return findings
    },
    findingsChanged(found) {
      findings = found
      events.publish('config', null)
    },
    startedAt: Date.now(),
    hub: events,
    hosts,
    observed: seen,
    history,
    look: (service) => watching.look(service),
    inventory: disks,
    transfers: moved,
    secrets: kept,
    ...known,
    journal: jobs,
    durations: learned,
    arbiter: swaps,
    runner: actions,
    controls: controlled,
    logins: loggedIn,
    discovery: looked,
    configPath: options.configPath,
    pinHostKey: pins.pin,
    followers: followers(),
    swappable,
    key,
    view,
    attention: needs,
    pasteLine: () => pasteLine(key.publicLine),
    ...named,
    get recording() {
      return recording
    },
    set recording(on) {
      recording = on
    },
    resume() {
      swaps.resume()
      actions.resume()
      moved.sweep(stop.signal)
    },
    async close() {
      await Promise.all([swaps.close(), actions.close()])
      stop.abort()
      loggedIn.close()
      looked.close()
      for (const live of hosts.values()) live.close()
    },
  }
}
