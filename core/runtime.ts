import { type ControllerKey, controllerKey, pasteLine } from './cluster/controller-key'
import { hostKeys } from './cluster/host-keys'
import { type LiveHost, liveHosts } from './cluster/hosts'
import { type Logins, logins } from './cluster/logins'
import { type Change, type Observed, observed } from './cluster/observed'
import type { Probe } from './cluster/probe'
import { restarts } from './cluster/restarts'
import type { AttentionView, ClusterView, ModelView } from './cluster/snapshot'
import { watch } from './cluster/watch'
import type { Cluster, Finding, Service } from './config/cluster'
import { type Discovery, discovery } from './discovery/discovery'
import { elsewhere } from './discovery/elsewhere'
import { type Hub, hub } from './events/hub'
import type { Nameable } from './gateway/names'
import { naming } from './gateway/naming'
import type { StateChange } from './history/event'
import { hostFigures, serviceFigures } from './history/figures'
import type { History } from './history/history'
import { type Journal, journal } from './jobs/journal'
import { recordJobs } from './jobs/record-jobs'
import { type Runner, runner } from './jobs/runner'
import type { Log } from './log'
import { type Catalogue, catalogue } from './models/catalogue'
import { type Inventory, inventory } from './models/disk/inventory'
import { look } from './models/disk/look'
import { launches } from './models/memory/launches'
import { type Models, models } from './models/models'
import type { Recipe } from './models/recipe'
import { type Transfers, transfers } from './models/transfer/transfers'
import { type Secrets, secrets } from './secrets/secrets'
import type { ServiceAction } from './services/action'
import { type Controls, controls } from './services/controls'
import { type Followers, followers } from './services/followers'
import type { Store } from './store/store'
import { type Arbiter, arbiter } from './swap/arbiter'
import { type Durations, durations } from './swap/durations'
import { planStates } from './swap/plan-state'
import { troubles } from './troubles'

export interface RuntimeOptions {
  cluster: Cluster
  /** Those beside the configuration, or the shipped ones. */
  recipes: Recipe[]
  findings: Finding[]
  /** The file that declares the cluster. */
  configPath: string
  dataDirectory: string
  /** Both outlive the runtime: a reload hands them on. */
  store: Store
  history: History
  /** How each service is looked at, and which of them take models. */
  probes: { service: Service; newProbe(): Probe }[]
  swappable: Service[]
  /** What can be done to each service, by its id. */
  actions: Map<string, ServiceAction[]>
  log: Log
}

/** Everything that handlers stand on: the declared cluster, what is seen of it, and what may act on it. */
export interface Runtime extends Models {
  readonly cluster: Cluster
  /** Of the catalogue, in the order in which they are preferred. */
  readonly recipes: Recipe[]
  readonly catalogue: Catalogue
  /** Problems of the declared files as they are now; what runs may be an older version that had none. */
  readonly findings: Finding[]
  findingsChanged(findings: Finding[]): void
  readonly startedAt: number
  readonly hub: Hub
  readonly hosts: Map<string, LiveHost>
  readonly observed: Observed
  /** What was recorded of the past. */
  readonly history: History
  /** Looks at a service now instead of at its next turn. */
  look(service: string): Promise<void>
  readonly inventory: Inventory
  /** Downloads, copies and deletes of models. */
  readonly transfers: Transfers
  readonly secrets: Secrets
  readonly journal: Journal
  readonly durations: Durations
  readonly arbiter: Arbiter
  /** Long actions other than swaps. */
  readonly runner: Runner
  readonly controls: Controls
  /** Who logs in where for a service. */
  readonly logins: Logins
  /** A look at Sparks that are not declared yet. */
  readonly discovery: Discovery
  readonly configPath: string
  /** Trusts a host key from now on, before the host is declared. */
  pinHostKey(host: string, fingerprint: string): void
  readonly followers: Followers
  readonly swappable: Service[]
  readonly key: ControllerKey
  /** The answer of `GET /api/cluster`. */
  view(): ClusterView
  attention(): AttentionView[]
  /** The line to paste on a host, which lets this controller in. */
  pasteLine(): string
  resolve(model: string): Nameable | null
  nameables(): Nameable[]
  /** Whether it notes what befalls: while a reload has two runtimes, only the one that answers may. */
  recording: boolean
  /** Goes on with the jobs that an earlier runtime, or it itself, had let go. */
  resume(): void
  /** Lets go of every host; what runs there goes on. */
  close(): Promise<void>
}

const monthMs = 30 * 24 * 3600_000

/** Opens the store, connects to the declared hosts and begins to watch them. */
export function runtime(options: RuntimeOptions): Runtime {
  const { cluster, recipes, dataDirectory, store, history, probes, swappable, log } = options
  let { findings } = options
  let recording = false
  const key = controllerKey(dataDirectory, cluster.sshKey)
  const events = hub({ onError: (error) => log.error('listener', { error: String(error) }) })
  events.subscribe(recordJobs(history))
  const stop = new AbortController()
  const seen = observed({
    cluster,
    hub: events,
    // While it lets go of the hosts nothing is seen any more, and that is no change of theirs.
    onChange: (change) => stop.signal.aborted || history.state(recorded(change)),
    onNotice: (notice) => recording && history.note(notice),
    sinceOf(subject, state) {
      const last = history.states(subject, Date.now() - monthMs, Date.now()).at(-1)
      return last?.state === state ? last.from : null
    },
    onFigures: (figures) =>
      'host' in figures
        ? history.sample(`host:${figures.host.id}`, hostFigures(figures.host))
        : history.sample(`service:${figures.service}`, serviceFigures(figures.facts)),
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
  const disks = inventory({ hosts, signal: stop.signal, onChange: () => events.publish('models', null) })
  const jobs = journal(store)
  const learned = durations(store)
  const took = launches(store)
  const book = catalogue({
    shippedRecipes: recipes,
    dataDirectory,
    store,
    sources: cluster.recipeSources,
    hosts,
    names: cluster,
    signal: stop.signal,
    onChange: () => events.publish('recipes', null),
  })
  const states = planStates({ services: cluster.services, observed: seen, disks, launches: took })
  const swaps = arbiter({
    services: swappable,
    recipes: book.recipes,
    hosts,
    observed: seen,
    states,
    launches: took,
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
    recipes: book.recipes,
    observed: seen,
    loaded: swaps.loaded,
    swap: swaps.current,
    secrets: kept,
    runner: () => actions,
    look: (live, options) => look(live, options),
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
    recipes: book.recipes,
    arbiter: swaps,
    states,
    durations: learned,
    runner: actions,
  })

  const named = naming({
    cluster,
    recipes: book.recipes,
    swappable,
    serves: seen.serves,
    loaded: swaps.loaded,
    version: () => events.lastId,
  })
  const needs = troubles({
    services: cluster.services,
    swappable,
    recipes: book.recipes,
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
      return book.recipes()
    },
    catalogue: book,
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

function recorded({ subject, ...change }: Change): StateChange {
  return 'service' in subject
    ? { ...change, ...subject, subject: `service:${subject.service}` }
    : { ...change, ...subject, service: null, subject: `host:${subject.host}` }
}
