import type { AttentionView, ClusterView, HostState } from '../core/cluster/snapshot'
import type { Strip } from '../core/history/strip'
import type { JobView } from '../core/jobs/job'
import type { Disk } from '../core/models/disk/found-model'
import type { Menu } from '../core/models/menu'
import type { DemandView } from '../core/swap/demand/ticket'

/** One recipe, as every page that names one needs it. */
export interface RecipeView {
  id: string
  name: string
  /** How many hosts a launch needs. */
  nodes: number
  runnable: boolean
  /** Why it cannot run here now; null where it can. */
  reason: string | null
  /** Its commands may run; else they are shown first. */
  trusted: boolean
  loaded: boolean
  /** A request that names it loads it. */
  on_demand: boolean
  /** Ids of the services that it could be swapped into. */
  into: string[]
}

/** What every page shows around its own subject. */
export interface FrameData {
  version: string
  demo: boolean
  /** The cluster's name, as declared. */
  name: string
  /** The controller's clock, RFC 3339; every age on the page counts from it. */
  now: string
}

/** Everything a page of the live cluster is rendered from. */
export interface PageData extends FrameData {
  cluster: ClusterView
  attention: NeedView[]
  recipes: RecipeView[]
  /** What lies on the disks and what could be downloaded. */
  menu: Menu
  /** The disks as last seen; a host that was never asked is absent. */
  disks: DiskView[]
  /** By host id: the line that lets the controller in, to paste on that host. */
  sshKeyLines: Record<string, string>
  /** Actions of services, downloads, copies and deletes that run now. */
  jobs: JobView[]
  /** By service id: its own login, where it has one that was needed. */
  logins: Record<string, LoginView>
  /** Problems of the declared files, one printed line each. */
  findings: { text: string }[]
  /** The services that models are swapped into, the default first. */
  slots: { id: string; title: string }[]
  /** By service: requests that run there now, where there are any. */
  requests: Record<string, number>
  /** Seconds that they have to finish when their model ends. */
  drain_s: number
  /** Models that requests wait for, in the order in which they would be loaded. */
  queues: DemandView[]
  /** By service: when its model is unloaded unless somebody asks for it, RFC 3339. */
  idle: Record<string, string>
  /** By phase of the running or last swap: seconds that it usually takes. */
  usual: Record<string, number>
  /** Swaps that people and apps plan for the next seven days, in the order of their begins. */
  calendar: OccurrenceView[]
  /** Somebody is told of events by webhooks. */
  webhooks: boolean
  /** By subject (`host:spark-1`): the newest figures as lines, and the last 24 h as a strip. */
  sparklines: Record<string, SparklineView[]>
  strips: Record<string, Strip>
}

/** What needs a person, with the one click that may help. */
export interface NeedView extends AttentionView {
  action?: { label: string; path: string; fields: Record<string, string> }
}

/** One planned swap at one time. */
export interface OccurrenceView {
  /** Of the schedule. */
  id: string
  owner: string
  title: string
  /** Null unloads. */
  recipe: string | null
  /** RFC 3339. */
  begins: string
  ends: string
  /** Titles of others that are planned for a part of the same time. */
  overlaps: string[]
}

/** A host's disk, as far as a page tells of it beside its models. */
export type DiskView = Pick<Disk, 'host' | 'seenAt' | 'caches' | 'availableBytes' | 'totalBytes'>

/** The login of a service that has its own user. */
export interface LoginView {
  user: string
  state: HostState
  cause: string | null
  remedy: string | null
  /** Lets the controller in, to paste as that user. */
  line: string
}

/** The newest figures of one metric, oldest first; null where nothing was seen. */
export interface SparklineView {
  metric: string
  label: string
  unit: string | null
  values: (number | null)[]
}

/** One HTTP endpoint, with a command that can be pasted as it stands. */
export interface EndpointView {
  method: string
  path: string
  summary: string
  curl: string
}

/** Endpoints that belong together under one heading. */
export interface EndpointGroup {
  title: string
  endpoints: EndpointView[]
}
