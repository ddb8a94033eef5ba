import { formatFinding } from '../../core/config/findings'
import type { Recipe } from '../../core/models/recipe'
import type { Runtime } from '../../core/runtime'
import { launchHosts } from '../../core/swap/launch'
import type { PageData, RecipeView } from '../../views/page-data'
import { version } from '../version'

/** Everything a page is rendered from, as it is now. */
export function pageData(runtime: Runtime): PageData {
  const { cluster } = runtime
  return {
    version,
    demo: cluster.demo,
    name: cluster.name,
    now: new Date().toISOString(),
    cluster: runtime.view(),
    attention: runtime.attention(),
    recipes: recipeViews(runtime),
    sshKeyLines: keyLines(runtime),
    findings: runtime.findings
      .filter(({ severity }) => severity !== 'note')
      .map((finding) => ({ text: formatFinding(finding) })),
  }
}

// Before any host is declared the line is the same for every one to come.
function keyLines(runtime: Runtime): Record<string, string> {
  const ids = runtime.cluster.hosts.map((host) => host.id)
  return Object.fromEntries((ids.length > 0 ? ids : ['every Spark']).map((id) => [id, runtime.pasteLine()]))
}

function recipeViews(runtime: Runtime): RecipeView[] {
  const loaded = new Set(runtime.arbiter.loaded().map((each) => each.recipe?.id))
  const views = runtime.recipes.map((recipe) => {
    const reason = whyNot(recipe, runtime)
    return {
      id: recipe.id,
      name: recipe.name,
      description: recipe.description,
      repo: recipe.repo,
      nodes: recipe.nodes,
      capabilities: recipe.capabilities,
      runnable: reason === null,
      reason,
      known_issue: recipe.knownIssue,
      loaded: loaded.has(recipe.id),
      eta_s: runtime.durations.usual(recipe.id, runtime.swappable[0]?.id ?? ''),
    }
  })
  return views.sort((a, b) => Number(b.loaded) - Number(a.loaded) || Number(b.runnable) - Number(a.runnable))
}

/** What is known without asking the hosts; the plan looks again when Swap is clicked. */
function whyNot(recipe: Recipe, runtime: Runtime): string | null {
  const service = runtime.swappable[0]
  if (!service) return 'no service takes models; declare one of kind vllm'
  if (recipe.unrunnable) return recipe.unrunnable
  if (recipe.nodes > service.hosts.length)
    return `needs ${recipe.nodes} Sparks, ${service.id} has ${service.hosts.length}`
  const weights = runtime.inventory.of(recipe.repo)
  const missing = launchHosts(recipe, service).find((host) => weights[host.id] === null)
  return missing ? `its weights are not on ${missing.title}; download them there first` : null
}
