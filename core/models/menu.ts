import type { Host, Service } from '../config/cluster'
import type { JobView } from '../jobs/job'
import { launchHosts } from '../launchers/container'
import type { Disk, DiskState, FoundModel } from './disk/found-model'
import type { Fit } from './memory/fit'
import { wishesOf } from './memory/wishes'
import type { Recipe } from './recipe'

/** A model on one host, as the menu shows it. */
export interface MenuHost {
  state: DiskState
  bytes: number
  complete: boolean
  expected_bytes: number | null
  problems: string[]
  /** RFC 3339: when this was looked at. */
  seen_at: string
}

/** One model that is on some host. */
export interface MenuModel {
  repo: string
  /** Name for a person: the recipe's, else the repo. */
  name: string
  description: string
  /** Of the hosts it would be launched on. */
  state: DiskState
  hosts: Record<string, MenuHost>
  /** The recipe that loads it, or null; all that could, best first. */
  recipe: string | null
  recipes: string[]
  /** The recipe's commands may run; else they are shown first. */
  trusted: boolean
  /** How many hosts a launch needs. */
  nodes: number
  capabilities: string[]
  /** It has no recipe yet: one is suggested and wants to be confirmed. */
  needs_setup: boolean
  fit: Fit | null
  loaded: boolean
  /** It lies in caches alone; a plain folder is its owner's to remove. */
  removable: boolean
  /** Why it can't be swapped to now; null where it can. */
  reason: string | null
  known_issue: string | null
  /** Seconds a load usually takes; null while it was never loaded. */
  eta_s: number | null
  /** The download, copy or delete of it that runs. */
  job: string | null
}

export interface MenuInput {
  disks: Disk[]
  /** In the order in which they are preferred. */
  recipes: Recipe[]
  /** The service that models are swapped into; null where none is declared. */
  service: Service | null
  loaded: { recipe: Recipe | null; repo: string }[]
  /** Jobs that run. */
  jobs: JobView[]
  /** When the last download of a repo ended, RFC 3339; null where none did lately. */
  ended(repo: string): string | null
  /** Epoch ms. */
  now: number
  /** Declared services that serve one model of their own. */
  services: Pick<Service, 'title' | 'model'>[]
  /** The recipe that was last loaded of those for one repo; null while none was. */
  lastLoaded(repo: string): string | null
  /** Seconds a load of a recipe usually takes. */
  usual(recipe: string): number | null
  fit(recipe: Recipe): Fit | null
}

export interface Menu {
  /** What lies on some host: loaded first, then what can be swapped to, then the rest, each by name. */
  models: MenuModel[]
  /** Recipes whose weights are on no host: what can be downloaded. */
  downloads: Recipe[]
}

/** What can be swapped to, and what could be downloaded; pure. */
export function menu(input: MenuInput): Menu {
  const { disks, recipes } = input
  const byRepo = Map.groupBy(recipes, ({ repo }) => repo)
  const found = new Map<string, Record<string, FoundModel>>()
  for (const { host, models } of disks) {
    for (const model of models) found.set(model.repo, { ...found.get(model.repo), [host]: model })
  }
  // What a script brings along lies where only its program knows.
  for (const { repo, runtime } of recipes) if (runtime === 'script' && !found.has(repo)) found.set(repo, {})
  const models = [...found].map(([repo, on]) => entry(repo, on, byRepo.get(repo) ?? [], input))
  return {
    models: models.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1)),
    downloads: recipes.filter(({ repo }) => !found.has(repo)),
  }
}

const rank = (model: MenuModel) => (model.loaded ? 0 : model.reason === null ? 1 : model.recipe ? 2 : 3)

function entry(repo: string, lying: Record<string, FoundModel>, fitting: Recipe[], input: MenuInput): MenuModel {
  const { disks, service, loaded, jobs } = input
  const job = jobs.find((each) => each.repo === repo) ?? null
  const running = loaded.find((each) => each.repo === repo)
  const on = Object.fromEntries(Object.entries(lying).map(([host, model]) => [host, asJobsSay(model, job, input)]))
  const recipes = preferred(fitting, running?.recipe?.id ?? input.lastLoaded(repo), service)
  const [recipe = null] = recipes
  const hosts = service ? (recipe ? launchHosts(recipe, service) : service.hosts.slice(0, 1)) : []
  const seen = new Set(disks.map(({ host }) => host))
  const there = Object.fromEntries(hosts.filter(({ id }) => seen.has(id)).map(({ id }) => [id, on[id] ?? null]))
  const states = hosts.length > 0 ? Object.values(there).map(stateOf) : Object.values(on).map(stateOf)
  const unseen = Object.keys(on).length === 0
  const server = input.services.find(({ model }) => model === repo)
  const served = server ? `is what ${server.title} serves` : null
  const drafted = recipe ? null : input.recipes.find((each) => wishesOf(each).drafter === repo)
  const drafts = drafted ? `is loaded beside ${drafted.name}, which it drafts for` : null
  const fit = recipe && recipe.unrunnable === null ? input.fit(recipe) : null
  return {
    repo,
    name: recipe?.name ?? repo,
    description: recipe?.description ?? '',
    state: unseen ? 'ready' : worst(states),
    hosts: unseen ? {} : Object.fromEntries(disks.map((disk) => [disk.host, hostEntry(on[disk.host] ?? null, disk)])),
    recipe: recipe?.id ?? null,
    recipes: recipes.map(({ id }) => id),
    trusted: recipe?.trusted ?? false,
    nodes: recipe?.nodes ?? 1,
    capabilities: recipe?.capabilities ?? [],
    needs_setup: recipe === null && served === null && drafts === null,
    fit,
    loaded: running !== undefined,
    removable: !unseen && served === null && Object.values(on).every(({ layout }) => layout === 'hub'),
    reason: recipe ? whyNot(recipe, service, there, fit) : (served ?? drafts ?? withoutRecipe(Object.values(on))),
    known_issue: recipe?.knownIssue ?? null,
    eta_s: recipe ? input.usual(recipe.id) : null,
    job: job?.id ?? null,
  }
}

// A part that grew a moment ago looks like one that grows: whether it does, our own jobs know better.
const lingeringMs = 150_000

function asJobsSay(model: FoundModel, job: JobView | null, input: MenuInput): FoundModel {
  const ended = input.ended(model.repo)
  const fetching = job?.action === 'download'
  if (model.state === 'partial' && fetching) return { ...model, state: 'downloading' }
  const lingers = ended !== null && input.now - Date.parse(ended) < lingeringMs
  return model.state === 'downloading' && !fetching && lingers ? { ...model, state: 'partial' } : model
}

/** What is loaded or was loaded last, then what can run here, then what needs no more trust; else as they came. */
function preferred(recipes: Recipe[], first: string | null, service: Service | null): Recipe[] {
  const order = (recipe: Recipe) =>
    Number(recipe.id !== first) * 4 + Number(!runsHere(recipe, service)) * 2 + Number(!recipe.trusted)
  return recipes.toSorted((a, b) => order(a) - order(b))
}

const runsHere = (recipe: Recipe, service: Service | null) =>
  recipe.unrunnable === null && service !== null && recipe.nodes <= service.hosts.length

function hostEntry(model: FoundModel | null, { seenAt }: Disk): MenuHost {
  return {
    state: stateOf(model),
    bytes: model?.bytes ?? 0,
    complete: model?.state === 'ready',
    expected_bytes: model?.expectedBytes ?? null,
    problems: model?.problems ?? [],
    seen_at: seenAt,
  }
}

const stateOf = (model: FoundModel | null): DiskState => model?.state ?? 'missing'

function worst(states: DiskState[]): DiskState {
  const order: DiskState[] = ['downloading', 'partial', 'missing', 'ready']
  return order.find((each) => states.includes(each)) ?? 'missing'
}

/** Why a recipe can't be launched on a service by what is known; null where it can. @param there what lies on the hosts; others may be named too */
export function whyNot(
  recipe: Recipe,
  service: Service | null,
  there: Record<string, FoundModel | null>,
  fit: Fit | null,
): string | null {
  if (!service) return 'no service takes models; declare one of kind vllm'
  if (recipe.unrunnable) return recipe.unrunnable
  if (recipe.nodes > service.hosts.length)
    return `needs ${recipe.nodes} Sparks, ${service.id} has ${service.hosts.length}`
  return notReady(recipe, launchHosts(recipe, service), there) ?? (fit?.fits === false ? fit.reason : null)
}

/** Why weights cannot be loaded from the hosts of a launch, or null; a host that was not looked at says nothing. */
export function notReady(
  { runtime }: Pick<Recipe, 'runtime'>,
  hosts: Host[],
  there: Record<string, FoundModel | null>,
): string | null {
  for (const { id, title } of hosts) {
    const model = there[id]
    if (model === undefined || (model?.state === 'ready' && model.outside === null)) continue
    // A script's own program knows where its weights are.
    if (model === null && runtime === 'script') continue
    if (model?.outside) return model.outside
    if (model === null) return `is not on ${title}; download it there first`
    if (model.state === 'downloading') return `is being downloaded on ${title}; wait until it is whole`
    return `is not whole on ${title}: ${model.problems[0] ?? 'files are missing'}; download it again`
  }
  return null
}

function withoutRecipe(models: FoundModel[]): string {
  return models.every(({ gguf }) => gguf)
    ? 'is GGUF, which no recipe here loads; write a recipe of runtime script for it'
    : 'has no recipe yet; set it up first'
}
