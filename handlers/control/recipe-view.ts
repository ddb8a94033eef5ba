import type { Service } from '../../core/config/cluster'
import { launcherOf } from '../../core/launchers/launchers'
import { typed } from '../../core/launchers/typed'
import type { Catalogue } from '../../core/models/catalogue'
import { recipeCommand } from '../../core/models/command'
import type { Fit } from '../../core/models/memory/fit'
import type { Recipe } from '../../core/models/recipe'
import { difference } from '../../core/models/recipes/difference'

/** A recipe in the list. */
export function recipeView(recipe: Recipe, catalogue: Catalogue) {
  return {
    id: recipe.id,
    name: recipe.name,
    description: recipe.description,
    repo: recipe.repo,
    nodes: recipe.nodes,
    runtime: recipe.runtime,
    capabilities: recipe.capabilities,
    source: recipe.source,
    trusted: recipe.trusted,
    hash: recipe.hash,
    runnable: recipe.unrunnable === null,
    reason: recipe.unrunnable,
    known_issue: recipe.knownIssue,
    shadows: catalogue.shadowed(recipe.id).map(({ source, hash, name }) => ({ source, hash, name })),
  }
}

/** A recipe whole: its text, what would be run by it, with the share of memory that its fit computes, and what it changes of the one beneath it. */
export function recipeDetail(recipe: Recipe, catalogue: Catalogue, service: Service | null, fit: Fit | null = null) {
  const beneath = catalogue.shipped(recipe.id)
  return {
    ...recipeView(recipe, catalogue),
    file: recipe.file,
    text: recipe.text,
    container: recipe.container,
    revision: recipe.revision,
    argv:
      recipe.unrunnable === null && recipe.runtime !== 'script'
        ? recipeCommand(recipe, { port: portOf(service), utilization: shareOf(fit) })
        : null,
    env: recipe.env,
    mods: recipe.mods,
    docker: recipe.docker,
    script: recipe.script,
    commands: commandsOf(recipe, service, shareOf(fit)),
    shipped: beneath?.text ?? null,
    difference: beneath ? difference(beneath.text, recipe.text) : null,
  }
}

const shareOf = (fit: Fit | null) => (fit?.computed ? fit.utilization : null)

const portOf = (service: Service | null) => service?.port ?? 8000

/** What would be typed on the head to start and to end it; empty where it can't be launched, or no service takes models. */
function commandsOf(
  recipe: Recipe,
  service: Service | null,
  utilization: number | null,
): { host: string; command: string }[] {
  const head = service?.hosts[0]
  if (recipe.unrunnable !== null || !service || !head) return []
  const launcher = launcherOf(recipe)
  const order = { recipe, service, utilization, memory: {}, weights: null }
  if (launcher.refusal(order) !== null) return []
  const work = launcher.work(order)
  const own = recipe.script ? [recipe.script.status] : []
  const after = [...own, ...launcher.stop({ recipe, service }, head, true)]
  const lines = [typed(work.start, work.homes), ...after.map((argv) => typed(argv, argv.length))]
  return lines.map((command) => ({ host: head.id, command }))
}
