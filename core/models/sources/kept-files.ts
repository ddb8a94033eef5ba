import type { Store } from '../../store/store'
import type { RecipeText } from './reading'

/** Foreign files as they were last read, so that a restart has them before their host answers, and nothing is read twice. */
export interface KeptFiles {
  of(folder: string): RecipeText[]
  put(folder: string, files: readonly RecipeText[]): void
  /** Forgets every folder but these. */
  only(folders: readonly string[]): void
}

/** Keeps them in the store. */
export function keptFiles(store: Store): KeptFiles {
  return {
    of: (folder) =>
      store
        .query('SELECT path, mark, text FROM recipe_files WHERE folder = $folder ORDER BY path')
        .all({ folder }) as RecipeText[],
    put(folder, files) {
      const add = store.query(
        'INSERT INTO recipe_files (folder, path, mark, text) VALUES ($folder, $path, $mark, $text)',
      )
      store.transaction(() => {
        store.query('DELETE FROM recipe_files WHERE folder = $folder').run({ folder })
        for (const { path, mark, text } of files) add.run({ folder, path, mark, text })
      })()
    },
    only(folders) {
      const known = store.query('SELECT DISTINCT folder FROM recipe_files').all() as { folder: string }[]
      for (const { folder } of known)
        if (!folders.includes(folder)) store.query('DELETE FROM recipe_files WHERE folder = $folder').run({ folder })
    },
  }
}
