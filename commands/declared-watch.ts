import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { behindLinks } from '../core/config/behind-links'

const restMs = 200

/**
 * Calls `changed` once the configuration or a recipe beside it was written and rests; one call at a time.
 * The folders are watched, not the files: a watch on a file goes deaf when an editor renames another over it.
 */
export function watchDeclared(config: string, changed: () => Promise<void>): () => void {
  const watchers: FSWatcher[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = Promise.resolve()

  function seen() {
    clearTimeout(timer)
    timer = setTimeout(() => {
      running = running.then(changed).catch(() => {})
    }, restMs)
  }

  function look(folder: string, counts: (name: string) => boolean) {
    try {
      watchers.push(watch(folder, (_, name) => counts(String(name)) && seen()))
    } catch {
      // A folder that is not there declares nothing; it is read when the program starts again.
    }
  }

  const file = behindLinks(resolve(config))
  look(dirname(config), (name) => name === basename(config))
  // A link in its place does not change when what it leads to does.
  if (dirname(file) !== resolve(dirname(config))) look(dirname(file), (name) => name === basename(file))
  look(join(dirname(config), 'recipes'), (name) => /\.ya?ml$/i.test(name))
  return function unwatch() {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
  }
}
