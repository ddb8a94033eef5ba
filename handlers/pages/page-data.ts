import { formatFinding } from '../../core/config/findings'
import { launchHosts } from '../../core/launchers/container'
import { notReady } from '../../core/models/menu'
import type { Recipe } from '../../core/models/recipe'
import type { Runtime } from '../../core/runtime'
import type { LoginView, PageData, RecipeView } from '../../views/page-data'
import { version } from '../version'
import { pictures } from './pictures'

/** Everything a page is rendered from, as it is now. */
export function pageData(runtime: Runtime): PageData {
  const { cluster } = runtime
  const hidden = new Set(cluster.services.filter((each) => each.hidden).map(({ id }) => `service:${id}`))
  return {
    version,
    demo: cluster.demo,
    name: cluster.name,
    now: new Date().toISOString(),
    cluster: runtime.view(),
    attention: runtime.attention().filter(({ subject }) => !hidden.has(subject)),
    recipes: recipeViews(runtime),
    menu: runtime.menu(),
    disks: runtime.inventory.disks(),
    sshKeyLines: keyLines(runtime),
    jobs: runtime.runner.running(),
    logins: loginViews(runtime),
    findings: [...runtime.findings, ...runtime.catalogue.findings()]
      .filter(({ severity }) => severity !== 'note')
      .map((finding) => ({ text: formatFinding(finding) })),
    ...pictures(runtime),
  }
}

// Before any host is declared the line is the same for every one to come.
function keyLines(runtime: Runtime): Record<string, string> {
  const ids = runtime.cluster.hosts.map((host) => host.id)
  return Object.fromEntries((ids.length > 0 ? ids : ['every Spark']).map((id) => [id, runtime.pasteLine()]))
}

function loginViews(runtime: Runtime): Record<string, LoginView> {
  const views = runtime.cluster.services.flatMap((service) => {
    const link = runtime.logins.link(service)
    if (!link || service.user === null) return []
    const { state, cause, remedy } = link
    return [[service.id, { user: service.user, state, cause, remedy, line: runtime.pasteLine() }] as const]
  })
  return Object.fromEntries(views)
}

function recipeViews(runtime: Runtime): RecipeView[] {
  const loaded = new Set(runtime.arbiter.loaded().map((each) => each.recipe?.id))
  return runtime.recipes.map((recipe) => {
    const reason = whyNot(recipe, runtime)
    return {
      id: recipe.id,
      name: recipe.name,
      nodes: recipe.nodes,
      runnable: reason === null,
      reason,
      trusted: recipe.trusted,
      loaded: loaded.has(recipe.id),
    }
  })
}

/** What is known without asking the hosts; the plan looks again when Swap is clicked. */
function whyNot(recipe: Recipe, runtime: Runtime): string | null {
  const service = runtime.swappable[0]
  if (!service) return 'no service takes models; declare one of kind vllm'
  if (recipe.unrunnable) return recipe.unrunnable
  if (recipe.nodes > service.hosts.length)
    return `needs ${recipe.nodes} Sparks, ${service.id} has ${service.hosts.length}`
  return notReady(recipe, launchHosts(recipe, service), runtime.inventory.of(recipe.repo))
}
