import { lstat, readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { gitCommit } from './git-commit'
import { type FolderReading, isLink, limits, notText, type RecipeText, tooLarge, tooMany } from './reading'

/** Reads the recipes of a folder on the controller and below it; what is `known` with the same mark is not read again. */
export async function localFolder(folder: string, known: readonly RecipeText[]): Promise<FolderReading> {
  const root = folder.replace(/^~(?=\/|$)/, homedir())
  const reading: FolderReading = { files: [], skipped: [], commit: null, problem: null }
  const before = new Map(known.map((file) => [file.path, file]))
  const queue = [{ below: '', depth: 0 }]
  let entries = 0
  let bytes = 0
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { below, depth } = next
    const names = await readdir(join(root, below)).catch(() => null)
    if (names === null && below === '')
      return { ...reading, problem: 'cannot be read; check that this folder is there' }
    for (const name of (names ?? []).sort()) {
      if (!isWorth(name) || ++entries > limits.entries) continue
      const path = below === '' ? name : `${below}/${name}`
      const found = await lstat(join(root, path)).catch(() => null)
      if (found?.isDirectory()) {
        if (depth < limits.depth) queue.push({ below: path, depth: depth + 1 })
      } else if (found && /\.ya?ml$/i.test(name)) {
        const skip = (problem: string) => reading.skipped.push({ path, problem })
        if (!found.isFile()) skip(isLink)
        else if (found.size > limits.fileBytes) skip(tooLarge)
        else if (reading.files.length >= limits.files || bytes + found.size > limits.totalBytes) skip(tooMany)
        else {
          const mark = `${found.size}-${Math.trunc(found.mtimeMs)}-${found.ino}`
          const kept = before.get(path)
          const text = kept?.mark === mark ? kept.text : await textOf(join(root, path))
          bytes += found.size
          if (text === null) skip(notText)
          else reading.files.push({ path, mark, text })
        }
      }
    }
  }
  return { ...reading, commit: await gitCommit(root) }
}

const isWorth = (name: string) => !name.startsWith('.') && name !== 'node_modules' && !/[\x00-\x1f\x7f]/.test(name)

async function textOf(path: string): Promise<string | null> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch {
    return null
  }
}
