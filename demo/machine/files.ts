import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** The text of a file; empty where there is none, as after its process has ended. */
export function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** The names in a folder; none where there is none. */
export function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** Where a link leads; empty where there is none. */
export function target(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}
