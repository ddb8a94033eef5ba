import { dirname, join } from 'node:path'
import type { Cluster, Finding } from '../core/config/cluster'
import { loadConfig } from '../core/config/load'
import { readSource } from '../core/config/source'
import { loadRecipes } from '../core/models/catalogue'
import type { Recipe } from '../core/models/recipe'
import type { Kind } from '../handlers/kind'

/** What the files declare; `cluster` is null where the configuration has an error or a placeholder. */
export interface Declared {
  cluster: Cluster | null
  recipes: Recipe[]
  findings: Finding[]
}

/** Reads a configuration and the recipes that go with it; never throws for what is in them. */
export async function readDeclared(config: string, kinds: Kind[]): Promise<Declared> {
  const { recipes, findings: ofRecipes } = await loadRecipes(await recipeFolder(config))
  const text = await readSource(config)
  if (typeof text !== 'string') {
    const finding: Finding = { file: config, line: 1, column: 1, path: '', ...text, severity: 'error' }
    return { cluster: null, recipes, findings: [finding, ...ofRecipes] }
  }
  const { cluster, findings } = loadConfig({ text, file: config, kinds, recipes })
  return { cluster, recipes, findings: [...findings, ...ofRecipes] }
}

/** The recipes beside a configuration, or the shipped ones where there are none. */
export async function recipeFolder(config: string): Promise<string> {
  const beside = join(dirname(config), 'recipes')
  return (await isFolder(beside)) ? beside : join(import.meta.dir, '..', 'recipes')
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Bun.file(path).stat()).isDirectory()
  } catch {
    return false
  }
}
