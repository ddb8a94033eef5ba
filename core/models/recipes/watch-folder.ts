import { type FSWatcher, lstatSync, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'

export interface FolderWatch {
  folder: string
  /** How long files rest before it calls back. */
  restMs?: number
  /** How often it looks for itself. */
  everyMs?: number
  signal: AbortSignal
  changed(): void
}

/** Calls back once files of a folder have changed and rest; also where the system has no watch to give, or the folder is taken away and made anew. */
export function watchFolder({ folder, restMs = 200, everyMs = 5_000, signal, changed }: FolderWatch) {
  let rest: ReturnType<typeof setTimeout> | undefined
  let watcher: FSWatcher | null = null
  let seen = mark(folder)
  renew()
  const timer = setInterval(look, everyMs)
  timer.unref()
  signal.addEventListener('abort', () => {
    clearInterval(timer)
    clearTimeout(rest)
    watcher?.close()
  })

  function look() {
    const now = mark(folder)
    if (now === seen) return
    seen = now
    renew()
    changed()
  }

  function soon() {
    clearTimeout(rest)
    rest = setTimeout(look, restMs)
  }

  /** A watch is of the folder that was there, and ends with it. */
  function renew() {
    watcher?.close()
    try {
      watcher = watch(folder, soon)
      watcher.on('error', () => watcher?.close())
    } catch {
      watcher = null
    }
  }
}

/** Differs as soon as the folder, or any file in it or one level below, does. */
function mark(folder: string, deeper = true): string {
  try {
    const names = readdirSync(folder).sort()
    return [lstatSync(folder).ino, ...names.map((name) => markOf(join(folder, name), deeper))].join('\n')
  } catch {
    return ''
  }
}

function markOf(path: string, deeper: boolean): string {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (deeper && found?.isDirectory()) return `${path} ${mark(path, false)}`
  return `${path} ${found?.ino} ${found?.size} ${found?.mtimeMs}`
}
