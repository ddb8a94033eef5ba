import type { Service } from '../../core/config/cluster'
import { launchHosts } from '../../core/launchers/container'
import type { LaunchOrder } from '../../core/launchers/launcher'
import { launcherOf } from '../../core/launchers/launchers'
import { typed } from '../../core/launchers/typed'
import type { Catalogue } from '../../core/models/catalogue'
import { recipeCommand } from '../../core/models/command'
import { commonPlace } from '../../core/models/disk/weights-place'
import type { Fit } from '../../core/models/memory/fit'
import type { Recipe } from '../../core/models/recipe'
import { difference } from '../../core/models/recipes/difference'
import type { Runtime } from '../../core/runtime'

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

type DetailParts = Pick<Runtime, 'catalogue' | 'swappable' | 'fit'> & { inventory: Pick<Runtime['inventory'], 'disk'> }

/** A recipe whole: its text, what would be run by it, with the share of memory that its fit computes, and what it changes of the one beneath it. */
export function recipeDetail(recipe: Recipe, { catalogue, swappable, inventory, fit }: DetailParts) {
  const [service = null] = swappable
  const beneath = catalogue.shipped(recipe.id)
  const utilization = shareOf(fit(recipe))
  const { commands, reason } = commandsOf(recipe, service, {
    utilization,
    weights: placeOf(recipe, service, inventory),
  })
  return {
    ...recipeView(recipe, catalogue),
    file: recipe.file,
    text: recipe.text,
    container: recipe.container,
    revision: recipe.revision,
    argv:
      recipe.unrunnable === null && recipe.runtime !== 'script'
        ? recipeCommand(recipe, { port: portOf(service), utilization })
        : null,
    env: recipe.env,
    mods: recipe.mods,
    docker: recipe.docker,
    script: recipe.script,
    commands,
    commands_reason: reason,
    shipped: beneath?.text ?? null,
    difference: beneath ? difference(beneath.text, recipe.text) : null,
  }
}

/** Where its weights lie on the disks as last seen; what is mounted belongs to what is shown. */
function placeOf(recipe: Recipe, service: Service | null, inventory: DetailParts['inventory']) {
  if (!service) return null
  const disks = launchHosts(recipe, service).flatMap(({ id }) => inventory.disk(id) ?? [])
  return commonPlace(disks, recipe.repo).place
}

const shareOf = (fit: Fit | null) => (fit?.computed ? fit.utilization : null)

const portOf = (service: Service | null) => service?.port ?? 8000

/** What would be typed on the head to start and to end it; where that can't be told, nothing and the reason. */
function commandsOf(
  recipe: Recipe,
  service: Service | null,
  known: Pick<LaunchOrder, 'utilization' | 'weights'>,
): { commands: { host: string; command: string }[]; reason: string | null } {
  const head = service?.hosts[0]
  if (recipe.unrunnable !== null) return { commands: [], reason: recipe.unrunnable }
  if (!service || !head) return { commands: [], reason: 'no service is declared that models are loaded into' }
  const launcher = launcherOf(recipe)
  const order = { recipe, service, memory: {}, ...known }
  const reason = launcher.refusal(order)
  if (reason !== null) return { commands: [], reason }
  const work = launcher.work(order)
  const own = recipe.script ? [work.alive] : []
  const after = [...own, ...launcher.stop({ recipe, service }, head, true)]
  const there = recipe.script && work.directory ? ['env', '-C', work.directory] : []
  const start = typed([...there, ...work.start], there.length + work.homes)
  const lines = [start, ...after.map((argv) => typed(argv, argv.length))]
  return { commands: lines.map((command) => ({ host: head.id, command })), reason: null }
}
