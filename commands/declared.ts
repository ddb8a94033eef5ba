import { dirname, join, resolve } from 'node:path'
import type { Cluster, Finding } from '../core/config/cluster'
import { loadConfig } from '../core/config/load'
import { readSource } from '../core/config/source'
import type { Recipe } from '../core/models/recipe'
import { loadRecipes } from '../core/models/recipes/folder'
import type { Kind } from '../handlers/kind'

/** What the files declare; `cluster` is null where the configuration has an error or a placeholder. */
export interface Declared {
  cluster: Cluster | null
  recipes: Recipe[]
  findings: Finding[]
}

/**
 * Reads a configuration and the recipes that go with it; never throws for what is in them.
 * @param data the data directory, whose own recipes may be named too
 */
export async function readDeclared(config: string, kinds: Kind[], data?: string): Promise<Declared> {
  const own = data === undefined ? null : join(data, 'recipes')
  const { recipes, findings: ofRecipes } = await loadRecipes(await recipeFolder(config, own))
  const owned = own === null ? [] : (await loadRecipes(own, 'own')).recipes
  const ids = new Set(owned.map(({ id }) => id))
  const named = [...owned, ...recipes.filter(({ id }) => !ids.has(id))]
  const text = await readSource(config)
  if (typeof text !== 'string') {
    const finding: Finding = { file: config, line: 1, column: 1, path: '', ...text, severity: 'error' }
    return { cluster: null, recipes, findings: [finding, ...ofRecipes] }
  }
  const { cluster, findings } = loadConfig({ text, file: config, kinds, recipes: named })
  return { cluster, recipes, findings: [...findings, ...ofRecipes] }
}

/** The recipes beside a configuration, or the shipped ones where there are none or the data directory's own lie there. */
async function recipeFolder(config: string, own: string | null): Promise<string> {
  const beside = join(dirname(config), 'recipes')
  const isOwn = own !== null && resolve(own) === resolve(beside)
  return !isOwn && (await isFolder(beside)) ? beside : join(import.meta.dir, '..', 'recipes')
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Bun.file(path).stat()).isDirectory()
  } catch {
    return false
  }
}
