import { gib } from '../cluster/gib'
import { shellText } from '../cluster/shell'
import type { HostView } from '../cluster/snapshot'
import type { Service } from '../config/cluster'
import type { Recipe } from '../models/recipe'
import { containerOf, launchClusterCommand, launchHosts } from './launch'

/** All that a plan is made from. */
export interface PlanState {
  hosts: HostView[]
  /** Bytes of the recipe's weights by host; a host that is not named was not looked at, null is "not there". */
  weights: Record<string, number | null>
  /** What is loaded in the service now. */
  loaded: { recipe: Recipe | null; repo: string } | null
  /** Seconds it took before, or null. */
  learnedSeconds: number | null
  /** A model ended here a moment ago: its memory is still coming back, which the swap itself waits for. */
  settling?: boolean
}

/** The answer of `POST /api/swap/plan`. */
export interface Plan {
  possible: boolean
  /** Why not, with the remedy; null when it is possible. */
  reason: string | null
  /** Models that end. */
  stops: { service: string; recipe: string | null; repo: string; hosts: string[] }[]
  memory: Record<string, { needs_bytes: number | null; available_bytes: number | null }>
  /** What would be run, as it would be typed, host by host. */
  commands: { host: string; command: string }[]
  eta_s: number
}

/** Plans a swap (or, with `recipe` null, an unload) without touching anything. */
export function plan(recipe: Recipe | null, service: Service, state: PlanState): Plan {
  const hosts = recipe ? launchHosts(recipe, service) : service.hosts
  const memory = recipe
    ? memoryOf(
        recipe,
        service,
        hosts.map((host) => host.id),
        state,
      )
    : {}
  const reason = recipe ? whyNot(recipe, service, state, memory) : unreachable(service, state)
  const { loaded } = state
  return {
    possible: reason === null,
    reason,
    stops: loaded
      ? [
          {
            service: service.id,
            recipe: loaded.recipe?.id ?? null,
            repo: loaded.repo,
            hosts: service.hosts.map((host) => host.id),
          },
        ]
      : [],
    memory,
    commands: reason === null || !recipe ? commandsOf(recipe, service, loaded !== null) : [],
    eta_s: Math.round(state.learnedSeconds ?? estimate(recipe, state)),
  }
}

// What one SSH command may hold, less what wraps a launch.
const longestLaunch = 28_000

function whyNot(recipe: Recipe, service: Service, state: PlanState, memory: Plan['memory']): string | null {
  if (recipe.unrunnable) return `${recipe.id}: ${recipe.unrunnable}`
  if (service.hosts.length < recipe.nodes) {
    return `${recipe.id}: needs ${recipe.nodes} Sparks, ${service.id} has ${service.hosts.length}; add hosts to the service`
  }
  if (recipe.soloOnly && recipe.nodes > 1)
    return `${recipe.id}: is for one Spark, but its parallel sizes ask for ${recipe.nodes}; lower them`
  const hosts = launchHosts(recipe, service)
  const head = hosts[0]
  if (!head?.launcher)
    return `${head?.id}: has no launcher; name the folder of spark-vllm-docker under hosts.${head?.id}.launcher`
  const down = hosts.map((host) => state.hosts.find((view) => view.id === host.id)).find((view) => !reachable(view))
  if (down) return `${down.id}: ${down.cause ?? 'cannot be reached'}; ${down.remedy ?? 'try again when it is back'}`
  const missing = hosts.find((host) => state.weights[host.id] === null)
  if (missing) return `${recipe.repo}: is not on ${missing.id}; download it first`
  const long = Buffer.byteLength(shellText(launchClusterCommand(recipe, service)))
  if (long > longestLaunch)
    return `${recipe.id}: its command and variables are ${long} bytes long, SSH carries ${longestLaunch}; shorten them`
  return state.settling ? null : tooLarge(recipe, memory)
}

function unreachable(service: Service, state: PlanState): string | null {
  const down = service.hosts
    .map((host) => state.hosts.find((view) => view.id === host.id))
    .find((view) => !reachable(view))
  return down ? `${down.id}: ${down.cause ?? 'cannot be reached'}; ${down.remedy ?? 'try again when it is back'}` : null
}

function reachable(view: HostView | undefined): boolean {
  return view !== undefined && view.facts !== null && (view.state === 'up' || view.state === 'unknown')
}

function tooLarge(recipe: Recipe, memory: Plan['memory']): string | null {
  for (const [host, { needs_bytes: needs, available_bytes: available }] of Object.entries(memory)) {
    if (needs !== null && available !== null && needs > available) {
      return `${recipe.id}: needs ${gib(needs)} on ${host}, ${gib(available)} would be free; stop other services there or lower gpu_memory_utilization`
    }
  }
  return null
}

function memoryOf(recipe: Recipe, service: Service, hosts: string[], state: PlanState): Plan['memory'] {
  const before = state.loaded?.recipe ?? null
  return Object.fromEntries(
    hosts.map((id) => {
      const facts = state.hosts.find((view) => view.id === id)?.facts
      const total = facts?.memory_total_bytes ?? null
      const free = facts?.memory_available_bytes ?? null
      // A container that runs holds memory also when its engine does not answer; the swap ends it.
      const runs = facts?.containers.some(({ name, state }) => name === containerOf(service) && state === 'running')
      const share = before && total !== null ? utilization(before) * total : Infinity
      const held = state.loaded || runs ? Math.min(facts?.memory_gpu_bytes ?? 0, share) : 0
      return [
        id,
        {
          needs_bytes: total === null ? null : Math.round(utilization(recipe) * total),
          available_bytes: free === null ? null : Math.round(free + held),
        },
      ]
    }),
  )
}

/** The share of memory vLLM will take: the recipe's own, else vLLM's default. */
export function utilization(recipe: Recipe): number {
  const written =
    /--gpu[-_]memory[-_]utilization[ =]+([0-9.]+)/.exec(recipe.command)?.[1] ?? recipe.defaults.gpu_memory_utilization
  const value = Number(written)
  return value > 0 && value <= 1 ? value : 0.92
}

function commandsOf(recipe: Recipe | null, service: Service, stopFirst: boolean): Plan['commands'] {
  const container = containerOf(service)
  const stops =
    stopFirst || !recipe
      ? service.hosts.map((host) => ({ host: host.id, command: shellText(['docker', 'stop', '-t', '10', container]) }))
      : []
  if (!recipe) return stops
  return [...stops, { host: service.hosts[0]?.id ?? '', command: shellText(launchClusterCommand(recipe, service)) }]
}

// Measured by others on a GB10 with the plain loader: 24 GB in about 5 minutes, of which 2.5 are weights (spark-runtimes §4.10).
function estimate(recipe: Recipe | null, { weights, loaded }: PlanState): number {
  const stop = loaded ? 20 : 2
  if (!recipe) return stop
  const bytes = Math.max(0, ...Object.values(weights).map((each) => each ?? 0))
  return stop + 120 + bytes / 170e6
}
