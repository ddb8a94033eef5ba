import type { LiveHost } from '../cluster/hosts'
import type { Finding, RecipeSource } from '../config/cluster'
import { idPattern } from '../config/common-schema'
import type { Store } from '../store/store'
import type { Recipe } from './recipe'
import { loadRecipe } from './recipe-file'
import { collision, type DeclaredNames, withFreeNames } from './recipes/collision'
import { layered } from './recipes/layers'
import { ownRecipes } from './recipes/own'
import { trust } from './recipes/trust'
import { foreignRecipes, type SourceView } from './sources/foreign-recipes'
import { sourcesOf } from './sources/source'

export type { SourceView } from './sources/foreign-recipes'

export interface CatalogueOptions {
  /** Those beside the configuration, or the shipped ones. */
  shippedRecipes: Recipe[]
  /** What is known to be wrong with the declared files; passed on by `findings()`. */
  findings?: Finding[]
  dataDirectory: string
  store: Store
  sources: readonly RecipeSource[]
  hosts: Map<string, LiveHost>
  names?: DeclaredNames
  signal: AbortSignal
  onChange(): void
}

/** Every recipe from everywhere; the first of several with one id counts. */
export interface Catalogue {
  /** In the order in which they are preferred: own, shipped, then the foreign ones. The same list until something changes. */
  recipes(): Recipe[]
  get(id: string): Recipe | null
  /** What lies directly beneath an own recipe, and comes back when that is removed. */
  shipped(id: string): Recipe | null
  /** Those of the same id that do not count, the nearest first. */
  shadowed(id: string): Recipe[]
  sources(): SourceView[]
  /** Whether the data directory has a file of this id, sound or not. */
  holds(id: string): boolean
  /** Checks a text and writes it as own recipe; null, and nothing written, where it does not load. It came by HTTP, so its commands wait to be accepted, and until then it hides the one it would replace. @throws {TypeError} on an id that is none */
  save(id: string, text: string): { recipe: Recipe | null; findings: Finding[] }
  /** Removes an own recipe, first the one that waits to be accepted; false where there is none. */
  remove(id: string): boolean
  /** Accepts the commands that were shown; null where they have changed since. */
  trust(id: string, hash: string): Recipe | null
  /** Looks everywhere again, as far as hosts answer. */
  refresh(signal?: AbortSignal): Promise<void>
  findings(): Finding[]
}

/** Gathers the recipes of the data directory, of this program or the configuration's folder, and of every foreign source. */
export function catalogue(options: CatalogueOptions): Catalogue {
  const { shippedRecipes, findings = [], store, hosts, signal, onChange } = options
  const names = options.names ?? { aliases: {}, services: [] }
  const own = ownRecipes(options.dataDirectory)
  const trusted = trust(store)
  const declared = [...hosts.values()].map(({ host }) => host)
  const foreign = foreignRecipes({
    sources: sourcesOf(options.sources, declared),
    hosts,
    store,
    names,
    signal,
    onChange: changed,
  })
  let mine = loadOwn()
  let now = build()
  own.watch(reload, signal)

  function build() {
    const outside = foreign.layers()
    const safe = new Set(
      [shippedRecipes, ...outside.map(({ source, recipes }) => (source.trusted ? recipes : []))]
        .flat()
        .map(({ hash }) => hash),
    )
    const believed = (recipe: Recipe, unasked: boolean): Recipe => ({
      ...recipe,
      trusted: unasked || safe.has(recipe.hash) || trusted.accepted(recipe.hash),
    })
    const { recipes, shadowed } = layered([
      mine.recipes.map((recipe) => believed(recipe, recipe.trusted)),
      shippedRecipes,
      ...outside.map((layer) => layer.recipes.map((recipe) => believed(recipe, false))),
    ])
    return { recipes, shadowed, byId: new Map(recipes.map((recipe) => [recipe.id, recipe])) }
  }

  function changed() {
    now = build()
    if (!signal.aborted) onChange()
  }

  function loadOwn() {
    const read = own.load()
    const { recipes, taken } = withFreeNames(read.recipes, names)
    return { recipes, findings: [...read.findings, ...taken] }
  }

  function reload() {
    const before = mine
    mine = loadOwn()
    if (!Bun.deepEquals(before, mine)) changed()
  }

  return {
    recipes: () => now.recipes,
    get: (id) => now.byId.get(id) ?? null,
    shipped: (id) => (now.byId.get(id)?.source === 'own' ? (now.shadowed.get(id)?.[0] ?? null) : null),
    shadowed: (id) => now.shadowed.get(id) ?? [],
    sources: foreign.views,
    holds: own.has,
    save(id, text) {
      if (!new RegExp(idPattern).test(id)) throw new TypeError(`${id}: is no id of a recipe`)
      const { recipe, findings } = loadRecipe({ text, file: own.file(id), source: 'own' })
      const taken = recipe ? collision(recipe, names) : null
      if (!recipe || taken) return { recipe: null, findings: taken ? [...findings, taken] : findings }
      // Commands that a person has put into a file here are no news when they come again.
      const all = [...now.recipes, ...[...now.shadowed.values()].flat()]
      const known = trusted.accepted(recipe.hash) || all.some((each) => each.hash === recipe.hash && each.trusted)
      if (known) own.write(id, text)
      else own.propose(id, text)
      mine = loadOwn()
      changed()
      return { recipe: now.byId.get(id) ?? recipe, findings }
    },
    remove(id) {
      if (!mine.recipes.some((recipe) => recipe.id === id)) return false
      own.remove(id)
      reload()
      return true
    },
    trust(id, hash) {
      const recipe = now.byId.get(id)
      if (recipe?.hash !== hash) return null
      trusted.accept(hash)
      if (mine.recipes.find((each) => each.id === id)?.trusted === false) {
        // What was shown, whatever its file may say by now.
        own.write(id, recipe.text)
        mine = loadOwn()
      }
      changed()
      return now.byId.get(id) ?? null
    },
    async refresh(until) {
      reload()
      await foreign.refresh(until)
    },
    findings: () => [...findings, ...mine.findings, ...foreign.notes()],
  }
}
