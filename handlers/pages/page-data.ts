import { formatFinding } from '../../core/config/findings'
import { whyNot } from '../../core/models/menu'
import type { Runtime } from '../../core/runtime'
import type { LoginView, PageData, RecipeView } from '../../views/page-data'
import { version } from '../version'
import { needs } from './needs'
import { pictures } from './pictures'
import { swapping } from './swapping'

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
    attention: needs(runtime).filter(({ subject }) => !hidden.has(subject)),
    recipes: recipeViews(runtime),
    menu: runtime.menu(),
    disks: runtime.inventory.disks(),
    sshKeyLines: keyLines(runtime),
    jobs: runtime.runner.running(),
    logins: loginViews(runtime),
    findings: [...runtime.findings, ...runtime.catalogue.findings()]
      .filter(({ severity }) => severity !== 'note')
      .map((finding) => ({ text: formatFinding(finding) })),
    ...swapping(runtime),
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
  const { swappable } = runtime
  return runtime.recipes.map((recipe) => {
    // What is known without asking the hosts; the plan looks again when Swap is clicked.
    const there = runtime.inventory.of(recipe.repo)
    const into = swappable.filter((service) => whyNot(recipe, service, there, null) === null)
    const reason = into.length > 0 ? null : whyNot(recipe, swappable[0] ?? null, there, null)
    return {
      id: recipe.id,
      name: recipe.name,
      nodes: recipe.nodes,
      runnable: reason === null,
      reason,
      trusted: recipe.trusted,
      loaded: loaded.has(recipe.id),
      on_demand: recipe.demand.onDemand,
      into: into.map(({ id }) => id),
    }
  })
}
