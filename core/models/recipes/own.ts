import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Finding } from '../../config/cluster'
import type { Recipe } from '../recipe'
import { loadRecipe, recipeId } from '../recipe-file'
import { watchFolder } from './watch-folder'
import { writeWhole } from './write-whole'

/** The recipes of the data directory: a person's own, which no upgrade touches. What nobody has accepted yet lies apart, in `waiting`. */
export interface OwnRecipes {
  /** Read at once rather than later: a swap that goes on after a restart may need one of them. Those that wait are not trusted, and come before those of the same id that are. */
  load(): { recipes: Recipe[]; findings: Finding[] }
  /** The name its file has or would have, for findings. */
  file(id: string): string
  /** Whether a file has that id, sound or not. */
  has(id: string): boolean
  /** Writes it as one whose commands were accepted; none of its id waits any longer. */
  write(id: string, text: string): void
  /** Writes it as one that waits; what it would replace stays. */
  propose(id: string, text: string): void
  /** Removes the one that waits, or else the one that was accepted. */
  remove(id: string): void
  /** Calls back once files have changed and rest. */
  watch(changed: () => void, signal: AbortSignal): void
}

const largest = 256 * 1024

/** Opens the folder `recipes` of the data directory, and makes it where it is not there. */
export function ownRecipes(dataDirectory: string): OwnRecipes {
  const folder = join(dataDirectory, 'recipes')
  const accepted = recipeFolder(folder, join(basename(dataDirectory), 'recipes'))
  const waiting = recipeFolder(join(folder, 'waiting'), join(basename(dataDirectory), 'recipes', 'waiting'))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return {
    file: (id) => join(accepted.label, accepted.named(id)[0] ?? `${id}.yaml`),
    has: (id) => [accepted, waiting].some(({ named }) => named(id).length > 0),
    load() {
      const [apart, there] = [waiting.load(), accepted.load()]
      const recipes = [...apart.recipes.map((recipe) => ({ ...recipe, trusted: false })), ...there.recipes]
      return {
        recipes: recipes.sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id))),
        findings: [...apart.findings, ...there.findings],
      }
    },
    write(id, text) {
      accepted.write(id, text)
      waiting.remove(id)
    },
    propose: waiting.write,
    remove: (id) => (waiting.named(id).length > 0 ? waiting : accepted).remove(id),
    watch: (changed, signal) => watchFolder({ folder, signal, changed }),
  }
}

function recipeFolder(folder: string, label: string) {
  const named = (id: string) => listed().names.filter((name) => recipeId(name) === id)

  function listed(): { names: string[]; findings: Finding[] } {
    try {
      const names = readdirSync(folder).filter((name) => /^[^.].*\.ya?ml$/i.test(name))
      return { names: names.sort(), findings: [] }
    } catch (error) {
      // A folder that was taken away holds none.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { names: [], findings: [] }
      return { names: [], findings: [wrong(label, 'cannot be read', 'check that it is a folder, and its permissions')] }
    }
  }

  function read(name: string): { recipe: Recipe | null; findings: Finding[] } {
    const file = join(label, name)
    const unread = (problem: string, remedy: string) => ({ recipe: null, findings: [wrong(file, problem, remedy)] })
    try {
      const found = lstatSync(join(folder, name))
      if (!found.isFile()) return unread('is not a file', 'put the recipe itself here')
      if (found.size > largest) return unread('is larger than 256 kB', 'shorten it')
      const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(join(folder, name)))
      return loadRecipe({ text, file, source: 'own' })
    } catch {
      return unread('cannot be read', 'check its permissions, and save it as UTF-8')
    }
  }

  return {
    label,
    named,
    load() {
      const { names, findings } = listed()
      const all = names.map(read)
      const byId = new Map<string, Recipe>()
      const twins: Finding[] = []
      for (const recipe of all.flatMap((one) => one.recipe ?? [])) {
        const twin = byId.get(recipe.id)
        if (twin)
          twins.push(wrong(recipe.file, `has the same id (${recipe.id}) as ${twin.file}`, 'rename one of the two'))
        else byId.set(recipe.id, recipe)
      }
      return { recipes: [...byId.values()], findings: [...findings, ...all.flatMap((one) => one.findings), ...twins] }
    },
    write: (id: string, text: string) => writeWhole(folder, named(id)[0] ?? `${id}.yaml`, text),
    remove(id: string) {
      for (const name of named(id)) rmSync(join(folder, name), { force: true })
    },
  }
}

function wrong(file: string, problem: string, remedy: string): Finding {
  return { file, line: 1, column: 1, path: '', problem, remedy, severity: 'error' }
}
