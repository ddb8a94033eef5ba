import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import type { Finding } from '../../config/cluster'
import type { Recipe } from '../recipe'
import { loadRecipe, recipeId } from '../recipe-file'

/** The recipes of the data directory: a person's own, which no upgrade touches. */
export interface OwnRecipes {
  /** Read at once rather than later: a swap that goes on after a restart may need one of them. */
  load(): { recipes: Recipe[]; findings: Finding[] }
  /** The name its file has or would have, for findings. */
  file(id: string): string
  /** Writes it whole or not at all, for the owner alone. */
  write(id: string, text: string): void
  remove(id: string): void
  /** Calls back once files have changed and rest. */
  watch(changed: () => void, signal: AbortSignal): void
}

const largest = 256 * 1024
const restMs = 200

/** Opens the folder `recipes` of the data directory, and makes it where it is not there. */
export function ownRecipes(dataDirectory: string): OwnRecipes {
  const folder = join(dataDirectory, 'recipes')
  const label = join(basename(dataDirectory), 'recipes')
  mkdirSync(folder, { recursive: true, mode: 0o700 })

  const isRecipe = (name: string) => /^[^.].*\.ya?ml$/i.test(name)
  // A folder that was taken away holds none.
  const names = () => (existsSync(folder) ? readdirSync(folder).filter(isRecipe).sort() : [])
  const nameOf = (id: string) => names().find((name) => recipeId(name) === id) ?? `${id}.yaml`

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
    file: (id) => join(label, nameOf(id)),
    load() {
      const all = names().map(read)
      const byId = new Map<string, Recipe>()
      const twins: Finding[] = []
      for (const recipe of all.flatMap((one) => one.recipe ?? [])) {
        const twin = byId.get(recipe.id)
        if (twin)
          twins.push(wrong(recipe.file, `has the same id (${recipe.id}) as ${twin.file}`, 'rename one of the two'))
        else byId.set(recipe.id, recipe)
      }
      return { recipes: [...byId.values()], findings: [...all.flatMap(({ findings }) => findings), ...twins] }
    },
    write(id, text) {
      const path = join(folder, nameOf(id))
      const part = join(folder, `.${id}.part`)
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeFileSync(part, text, { mode: 0o600 })
      chmodSync(part, 0o600)
      const handle = openSync(part, 'r')
      fsyncSync(handle)
      closeSync(handle)
      renameSync(part, path)
    },
    remove(id) {
      for (const name of names()) if (recipeId(name) === id) rmSync(join(folder, name), { force: true })
    },
    watch(changed, signal) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const watcher = watch(folder, (_, name) => {
        if (!isRecipe(String(name))) return
        clearTimeout(timer)
        timer = setTimeout(changed, restMs)
      })
      watcher.on('error', () => watcher.close())
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        watcher.close()
      })
    },
  }
}

function wrong(file: string, problem: string, remedy: string): Finding {
  return { file, line: 1, column: 1, path: '', problem, remedy, severity: 'error' }
}
