import type { ControllerKey } from './cluster/controller-key'
import type { LiveHost } from './cluster/hosts'
import type { Logins } from './cluster/logins'
import type { Observed } from './cluster/observed'
import type { Probe } from './cluster/probe'
import type { AttentionView, ClusterView } from './cluster/snapshot'
import type { Cluster, Finding, Service } from './config/cluster'
import type { Lock } from './coordination/lock'
import type { Schedules } from './coordination/schedules'
import type { Discovery } from './discovery/discovery'
import type { Hub } from './events/hub'
import type { Door } from './gateway/door'
import type { Entrance } from './gateway/entrance'
import type { Nameable, Named } from './gateway/names'
import type { History } from './history/history'
import type { Journal } from './jobs/journal'
import type { Runner } from './jobs/runner'
import type { Log } from './log'
import type { Catalogue } from './models/catalogue'
import type { Inventory } from './models/disk/inventory'
import type { Models } from './models/models'
import type { Recipe } from './models/recipe'
import type { Transfers } from './models/transfer/transfers'
import type { Secrets } from './secrets/secrets'
import type { ServiceAction } from './services/action'
import type { Controls } from './services/controls'
import type { Followers } from './services/followers'
import type { Backups } from './store/backups'
import type { Storage } from './store/storage'
import type { Store } from './store/store'
import type { Arbiter } from './swap/arbiter'
import type { Demand } from './swap/demand/demand'
import type { Durations } from './swap/durations'
import type { OrphanEnds } from './swap/end-orphan'
import type { Loads } from './swap/loads'
import type { Webhooks } from './webhooks/webhooks'

export interface RuntimeOptions {
  cluster: Cluster
  /** Those beside the configuration, or the shipped ones. */
  recipes: Recipe[]
  findings: Finding[]
  /** The file that declares the cluster. */
  configPath: string
  dataDirectory: string
  /** These outlive the runtime: a reload hands them on. */
  store: Store
  storage: Storage
  backups: Pick<Backups, 'make'>
  history: History
  /** How each service is looked at, and which of them take models. */
  probes: { service: Service; newProbe(): Probe }[]
  swappable: Service[]
  /** What can be done to each service, by its id. */
  actions: Map<string, ServiceAction[]>
  /** Where this controller listens, once it does. */
  controlPort(): number
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
  /** Whether the disk takes what is recorded. */
  readonly storage: Storage
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
  readonly loads: Loads
  /** Containers that belong to nothing which is loaded. */
  readonly orphans: OrphanEnds
  readonly door: Door
  /** The way of requests that name a model. */
  readonly entrance: Entrance
  /** Models that requests ask for. */
  readonly demand: Demand
  readonly lock: Lock
  readonly schedules: Schedules
  /** Who outside is told what happens here. */
  readonly webhooks: Webhooks
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
  resolve(model: string): Named | null
  nameables(): Nameable[]
  /** Whether it notes what befalls: while a reload has two runtimes, only the one that answers may. */
  recording: boolean
  /** Goes on with the jobs that an earlier runtime, or it itself, had let go. */
  resume(): void
  /** Lets go of every host; what runs there goes on. */
  close(): Promise<void>
}
