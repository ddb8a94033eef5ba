import { shellText } from '../cluster/shell'
import type { HostView } from '../cluster/snapshot'
import type { Service } from '../config/cluster'
import { launchHosts } from '../launchers/container'
import { endings } from '../launchers/endings'
import type { LaunchOrder } from '../launchers/launcher'
import { launcherOf } from '../launchers/launchers'
import { typed } from '../launchers/typed'
import type { Fit, MeasuredLaunch } from '../models/memory/fit'
import type { HostLedger } from '../models/memory/ledger'
import { notReady } from '../models/menu'
import type { Recipe } from '../models/recipe'
import type { LaunchFacts } from '../models/reckoning'
import { fitting, unfitted } from './fitting'
import type { Other, Room } from './room'
import type { Slot } from './steps/step'

/** All that a plan is made from. */
export interface PlanState extends LaunchFacts {
  hosts: HostView[]
  /** Where the memory of the launch's hosts goes, the head first. */
  ledgers: HostLedger[]
  /** What earlier launches of the recipe really took, newest first. */
  launches: MeasuredLaunch[]
  /** What is loaded in the service now. */
  loaded: { recipe: Recipe | null; repo: string } | null
  /** What runs there by all that is known, so that it can be ended; a model that does not answer counts. */
  runs: Recipe | null
  /** How what is loaded was launched, where it was launched from here. */
  launched: LaunchOrder | null
  /** How often in a row launches of the recipe have failed within the hour. */
  failures: number
  /** Seconds it took before, or null. */
  learnedSeconds: number | null
  /** Ids of hosts where a model ended a moment ago: its memory is still coming back, which the swap itself waits for. */
  settling?: string[]
  /** What could end so that it has room; left out: nothing. */
  room?: Room
}

/** The answer of `POST /api/swap/plan`. */
export interface Plan {
  possible: boolean
  /** Why not, with the remedy; null when it is possible. */
  reason: string | null
  /** What to know before it is begun; null: nothing. */
  warning: string | null
  /** Models that end: its own service's first. */
  stops: { service: string; recipe: string | null; repo: string; hosts: string[] }[]
  /** Models of other services are among them. */
  makes_room: boolean
  /** Models of other services that would have to end so that it fits, and may not. */
  would_end: { service: string; recipe: string | null; repo: string; hosts: string[] }[]
  memory: Record<string, { needs_bytes: number | null; available_bytes: number | null }>
  /** Null for an unload. */
  fit: Fit | null
  /** What would be run, as it would be typed, host by host. */
  commands: { host: string; command: string }[]
  eta_s: number
}

/** A plan, and what would be done by it. */
export interface Planned {
  plan: Plan
  /** What is launched; null where it is impossible or an unload. */
  order: LaunchOrder | null
  /** What ends: the service's own model first. */
  stops: Slot[]
  /** What is launched again if it fails after the stop. */
  back: LaunchOrder[]
}

/** Plans a swap (or, with `recipe` null, an unload) without touching anything. */
export function plan(recipe: Recipe | null, service: Service, state: PlanState): Planned {
  const { loaded } = state
  const { fits, ends, wouldEnd } = recipe?.unrunnable === null ? fitting(recipe, service, state) : unfitted
  const order = recipe && orderOf(recipe, service, state, fits)
  const reason = order ? whyNot(order, state, fits, wouldEnd) : unreachable(service, state)
  const possible = reason === null
  const plan: Plan = {
    possible,
    reason,
    warning: warningOf(recipe, state),
    stops: [...(loaded ? [stopOf(service, loaded)] : []), ...ends.map(stopOfOther)],
    makes_room: ends.length > 0,
    would_end: wouldEnd.map(stopOfOther),
    memory: Object.fromEntries(
      Object.entries(fits?.hosts ?? {}).map(([host, { needs_bytes, room_bytes }]) => [
        host,
        { needs_bytes, available_bytes: room_bytes },
      ]),
    ),
    fit: fits,
    commands: possible || !recipe ? commandsOf(order, service, loaded, ends) : [],
    eta_s: Math.round(state.learnedSeconds ?? estimate(recipe, state)),
  }
  return {
    plan,
    order: possible ? order : null,
    stops: [{ service, recipe: state.runs }, ...ends.map(({ slot }) => slot)],
    back: [loaded ? state.launched : null, ...ends.map((each) => each.launched)].filter((each) => each !== null),
  }
}

function warningOf(recipe: Recipe | null, { failures, loaded, launched }: PlanState): string | null {
  if (failures > 0) {
    const times = failures === 1 ? 'once' : `${failures} times in a row`
    return `${recipe?.id} failed to load ${times} within the hour; read the log of that swap first`
  }
  const known = !loaded || launched || loaded.recipe?.trusted
  return known ? null : `${loaded.repo} was loaded by no recipe known here; if this fails it can't be brought back`
}

function orderOf(recipe: Recipe, service: Service, { place }: PlanState, fits: Fit | null): LaunchOrder {
  // What fits leaves the reserve alone; where that could not be told, the reserve is waited for as well.
  const memory = service.hosts.flatMap(({ id, reserveBytes }) => {
    const needs = fits?.hosts[id]?.needs_bytes ?? null
    return needs === null ? [] : [[id, { takes: needs, free: fits?.fits ? needs : needs + reserveBytes }] as const]
  })
  return {
    recipe,
    service,
    utilization: fits?.computed ? fits.utilization : null,
    memory: Object.fromEntries(memory),
    weights: place.place,
  }
}

function stopOf(service: Service, { recipe, repo }: NonNullable<PlanState['loaded']>): Plan['stops'][number] {
  return { service: service.id, recipe: recipe?.id ?? null, repo, hosts: service.hosts.map((host) => host.id) }
}

function stopOfOther({ slot, repo }: Other): Plan['stops'][number] {
  return stopOf(slot.service, { recipe: slot.recipe, repo })
}

// What one SSH command may hold, less what wraps a launch.
const longestLaunch = 28_000

function whyNot(order: LaunchOrder, state: PlanState, fits: Fit | null, wouldEnd: Other[]): string | null {
  const { recipe, service } = order
  if (recipe.unrunnable) return `${recipe.id}: ${recipe.unrunnable}`
  if (!recipe.trusted) return untrusted(recipe)
  if (service.hosts.length < recipe.nodes) {
    return `${recipe.id}: needs ${recipe.nodes} Sparks, ${service.id} has ${service.hosts.length}; add hosts to the service`
  }
  if (recipe.soloOnly && recipe.nodes > 1)
    return `${recipe.id}: is for one Spark, but its parallel sizes ask for ${recipe.nodes}; lower them`
  const refusal = launcherOf(recipe).refusal(order)
  if (refusal) return refusal
  const hosts = launchHosts(recipe, service)
  const down = downOf(
    hosts.map(({ id }) => id),
    state,
  )
  if (down) return down
  const missing = notReady(recipe, hosts, state.found)
  if (missing) return `${recipe.repo}: ${missing}`
  if (state.place.problem) return state.place.problem
  const long = Buffer.byteLength(shellText(launcherOf(recipe).work(order).start))
  if (long > longestLaunch)
    return `${recipe.id}: its command and variables are ${long} bytes long, SSH carries ${longestLaunch}; shorten them`
  return fits?.fits === false ? tooLarge(recipe, fits, wouldEnd) : null
}

/** Why the commands of a recipe from elsewhere may not run yet. */
export function untrusted({ id, source }: Recipe): string {
  const from = source === 'own' ? 'came by HTTP' : `comes from ${source}`
  return `${id}: ${from}, and its commands were not accepted yet; look at them on its page and accept them`
}

function unreachable(service: Service, state: PlanState): string | null {
  return downOf(
    service.hosts.map((host) => host.id),
    state,
  )
}

function downOf(ids: string[], state: PlanState): string | null {
  const down = ids.map((id) => state.hosts.find((view) => view.id === id)).find((view) => !reachable(view))
  return down ? `${down.id}: ${down.cause ?? 'cannot be reached'}; ${down.remedy ?? 'try again when it is back'}` : null
}

function reachable(view: HostView | undefined): boolean {
  return view !== undefined && view.facts !== null && (view.state === 'up' || view.state === 'unknown')
}

function tooLarge(recipe: Recipe, { reason, remedies }: Fit, wouldEnd: Other[]): string {
  const models = wouldEnd.map(({ slot, repo }) => `${slot.recipe?.name ?? repo} (${slot.service.id})`)
  const room = models.length > 0 ? [`make room by ending ${models.join(' and ')}`] : []
  const advice = [...room, ...remedies].slice(0, 3).join(', or ') || 'choose a smaller model'
  return `${recipe.id}: ${reason ?? 'does not fit'}; ${advice}`
}

function commandsOf(
  order: LaunchOrder | null,
  service: Service,
  loaded: PlanState['loaded'],
  ends: Other[],
): Plan['commands'] {
  const own = loaded || !order ? stopsOf(service, [loaded?.recipe ?? null, order?.recipe ?? null]) : []
  const stops = [...own, ...ends.flatMap(({ slot }) => stopsOf(slot.service, [slot.recipe]))]
  if (!order) return stops
  const { start, homes } = launcherOf(order.recipe).work(order)
  return [...stops, { host: service.hosts[0]?.id ?? '', command: typed(start, homes) }]
}

function stopsOf(service: Service, running: (Recipe | null)[]): Plan['commands'] {
  return service.hosts.flatMap((host) =>
    endings(running, service, host)
      .flatMap(({ stop }) => stop)
      .map((argv) => ({ host: host.id, command: typed(argv, argv.length) })),
  )
}

// Measured by others on a GB10 with the plain loader: 24 GB in about 5 minutes, of which 2.5 are weights (spark-runtimes §4.10).
export function estimate(recipe: Recipe | null, { found, loaded }: Pick<PlanState, 'found' | 'loaded'>): number {
  const stop = loaded ? 20 : 2
  if (!recipe) return stop
  const bytes = Math.max(0, ...Object.values(found).map((each) => each?.weightBytes ?? 0))
  return stop + 120 + bytes / 170e6
}
