import { lstat, readdir, realpath } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import type { Finding } from '../../config/cluster'
import { readSource } from '../../config/source'
import type { Recipe } from '../recipe'
import { loadRecipe } from '../recipe-file'

/**
 * Every recipe of a folder (`*.yaml`, `*.yml`, not below it), by id; a folder that is not there holds none.
 * Findings and recipes name files as `<label>/<file>`; a file with an error yields no recipe and takes none with it.
 */
export async function loadRecipes(
  directory: string,
  source = 'shipped',
  label = basename(directory),
): Promise<{ recipes: Recipe[]; findings: Finding[] }> {
  const recipes = new Map<string, Recipe>()
  const findings: Finding[] = []
  for (const name of await recipeFiles(directory)) {
    const file = label === '' ? name : join(label, name)
    const text = (await escapes(directory, name))
      ? { problem: 'is a link that leads out of the folder', remedy: 'copy the file here' }
      : await readSource(join(directory, name))
    if (typeof text !== 'string') {
      findings.push({ file, line: 1, column: 1, path: '', ...text, severity: 'error' })
      continue
    }
    const loaded = loadRecipe({ text, file, source })
    findings.push(...loaded.findings)
    if (!loaded.recipe) continue
    const twin = recipes.get(loaded.recipe.id)
    if (twin) findings.push(sameId(file, twin))
    else recipes.set(loaded.recipe.id, loaded.recipe)
  }
  return { recipes: [...recipes.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), findings }
}

async function recipeFiles(directory: string): Promise<string[]> {
  try {
    const names = await readdir(directory)
    return names.filter((name) => /^[^.].*\.ya?ml$/i.test(name)).sort()
  } catch {
    return []
  }
}

async function escapes(directory: string, name: string): Promise<boolean> {
  try {
    const path = join(directory, name)
    if (!(await lstat(path)).isSymbolicLink()) return false
    return !(await realpath(path)).startsWith((await realpath(directory)) + sep)
  } catch {
    return false
  }
}

function sameId(file: string, { id, file: other }: Recipe): Finding {
  const problem = `has the same id (${id}) as ${other}`
  return { file, line: 1, column: 1, path: '', problem, remedy: 'rename one of the two', severity: 'error' }
}
