import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes a file whole or not at all, for the owner alone, so that also a loss of power leaves the one or the other; makes its folder. */
export function writeWhole(folder: string, name: string, text: string) {
  const part = join(folder, `.${name}.part`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    // A part that a crash left behind may have been anybody's to read.
    rmSync(part, { force: true })
    writeFileSync(part, text, { mode: 0o600 })
    synced(part)
    renameSync(part, join(folder, name))
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
  try {
    synced(folder)
  } catch {
    // Some file systems have nothing of the kind for folders.
  }
}

function synced(path: string) {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
