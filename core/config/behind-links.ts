import { readlinkSync, realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** The file that a path leads to, also where a link leads to one that is not there yet; the path itself where it is no link. */
export function behindLinks(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return linked(path) ?? path
  }
}

function linked(path: string): string | null {
  try {
    return resolve(dirname(path), readlinkSync(path))
  } catch {
    return null
  }
}
