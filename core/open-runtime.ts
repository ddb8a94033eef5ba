import { systemClock } from './clock'
import { controllerKey, pasteLine } from './cluster/controller-key'
import { hostKeys } from './cluster/host-keys'
import { liveHosts } from './cluster/hosts'
import { logins } from './cluster/logins'
import { observed } from './cluster/observed'
import { restarts } from './cluster/restarts'
import type { ClusterView, ModelView } from './cluster/snapshot'
import { watch } from './cluster/watch'
import { lock } from './coordination/lock'
import { schedules } from './coordination/schedules'
import { discovery } from './discovery/discovery'
import { elsewhere } from './discovery/elsewhere'
import { hub } from './events/hub'
import { changing } from './gateway/changing'
import { door } from './gateway/door'
import { entrance } from './gateway/entrance'
import { naming } from './gateway/naming'
import { recordObserved } from './history/record-observed'
import type { JobView } from './jobs/job'
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
import { demand } from './swap/demand/demand'
import { durations } from './swap/durations'
import { orphanEnds } from './swap/end-orphan'
import { fenceNumber } from './swap/fence-number'
import { leftOver } from './swap/left-over'
import { loads } from './swap/loads'
import { orphanWords } from './swap/orphans'
import { resumer } from './swap/resumer'
import { swapLimits } from './swap/steps/step'
import { touches } from './swap/touches'
import { troubles } from './troubles'
import { webhooks } from './webhooks/webhooks'

/** Connects to the declared hosts and begins to watch them. */
export function openRuntime(options: RuntimeOptions): Runtime {
  const { cluster, recipes, dataDirectory, store, storage, history, probes, swappable, log } = options
  let { findings } = options
  let recording = false
  const key = controllerKey(dataDirectory, cluster.sshKey)
  const events = hub({ onError: (error) => log.error('listener', { error: String(error) }) })
  events.subscribe(recordJobs(history))
  events.subscribe(({ type, data }) => {
    if (type === 'swap' && (data as JobView).ended_at !== null) options.backups.make()
  })
  const failed = (event: string, error: unknown) => {
    storage.failed(error)
    log.error(event, { error: String(error) })
  }
  const stop = new AbortController()
  const noted = recordObserved(history, () => recording)
  const seen = observed({
    cluster,
    hub: events,
    ...noted,
    // While it lets go of the hosts nothing is seen any more, and that is no change of theirs.
    onChange(change) {
      if (stop.signal.aborted) return
      noted.onChange(change)
      told.changed(change)
    },
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
    [swaps.current(), ...actions.running()].some((job) => job && job.ended_at === null && touches(job, service))
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
    taken: (service, host) => left.of(service)?.order.memory[host]?.takes ?? null,
  })
  const jobs = journal(store)
  const learned = durations(store)
  const left = loads(store)
  const doors = door({ clock: systemClock })
  // The store lets each be noted once, also while a reload has two runtimes.
  const locked = lock({ store, hub: events, note: history.note })
  const planned = schedules({
    store,
    hub: events,
    note: history.note,
    recipes: () => catalogue.recipes().map(({ id }) => id),
  })
  const kept = secrets(dataDirectory)
  const told = webhooks({
    cluster,
    store,
    secrets: kept,
    hub: events,
    log,
    controlPort: options.controlPort,
    jobs: () => [swaps.current() ?? [], actions.running(), jobs.list({ limit: 20 })].flat(),
  })
  const swaps = arbiter({
    services: swappable,
    recipes: catalogue.recipes,
    hosts,
    observed: seen,
    reckoning,
    launches,
    store,
    journal: jobs,
    durations: learned,
    loads: left,
    outbox: told.outbox,
    lock: locked,
    door: doors,
    limits: { ...swapLimits, drainS: cluster.drainS },
    hub: events,
    log: failed,
    leftOver: () => strays(),
    endsToo: ({ id: job }, each) => history.note({ type: 'action', host: each.host, job, text: orphanWords(each) }),
    look: (service) => watching.look(service),
  })
  const strays = leftOver({ services: cluster.services, swappable, observed: seen, arbiter: swaps, loads: left })
  const ends = orphanEnds({
    hosts,
    observed: seen,
    leftOver: strays,
    swapping: () => swaps.current()?.ended_at === null,
    nextFence: fenceNumber(store),
  })
  const again = resumer({
    services: swappable,
    observed: seen,
    loads: left,
    arbiter: swaps,
    journal: jobs,
    durations: learned,
    lock: locked,
    log: failed,
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
    log: failed,
    phasesOf: (view, request) =>
      ends.phasesOf(view, request) ?? (view.kind === 'model' ? moved : controlled).phasesOf(view, request),
  })
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
    changing: () => changing({ swap: swaps.current(), isShut: doors.isShut, recipes: catalogue.recipes() }),
    // A door turns between two events.
    version: () => events.lastId + doors.turns,
  })
  const wanted = demand({
    clock: systemClock,
    hub: events,
    services: swappable,
    loaded: swaps.loaded,
    observed: seen,
    door: doors,
    lock: locked,
    arbiter: swaps,
    past: jobs.list({ kind: 'swap', limit: 200 }),
    recipe: (id) => catalogue.recipes().find((each) => each.id === id),
    usual: learned.usual,
    barred: ({ id, repo }) =>
      moved.running(repo)?.action === 'delete' ? `the weights of ${id} are being deleted` : null,
    log: failed,
  })
  const entered = entrance({
    clock: systemClock,
    door: doors,
    demand: wanted,
    resolve: named.resolve,
    swap: swaps.current,
    service: seen.service,
  })
  const needs = troubles({
    services: cluster.services,
    swappable,
    recipes: catalogue.recipes,
    observed: seen,
    history,
    storage,
    arbiter: swaps,
    loads: left,
    resumer: again,
    leftOver: strays,
    logins: loggedIn,
    webhooks: told,
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
      lock: locked.view(),
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
    storage,
    history,
    look: (service) => watching.look(service),
    inventory: disks,
    transfers: moved,
    secrets: kept,
    ...known,
    journal: jobs,
    durations: learned,
    arbiter: swaps,
    loads: left,
    orphans: ends,
    door: doors,
    entrance: entered,
    demand: wanted,
    lock: locked,
    schedules: planned,
    webhooks: told,
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
      if (on) told.start()
      else told.close()
    },
    resume() {
      swaps.resume()
      actions.resume()
      again.start()
      wanted.resume()
      moved.sweep(stop.signal)
    },
    async close() {
      again.close()
      wanted.close()
      await Promise.all([swaps.close(), actions.close()])
      told.close()
      doors.close()
      locked.close()
      stop.abort()
      loggedIn.close()
      looked.close()
      for (const live of hosts.values()) live.close()
    },
  }
}
