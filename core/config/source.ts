import { readFile, stat } from 'node:fs/promises'

const maxBytes = 256 * 1024

export interface Unread {
  problem: string
  remedy: string
}

/** What `readSource()` answers where there is nothing that could be lost. */
export const noSuchFile: Unread = { problem: 'no such file', remedy: 'check the path' }

/** The text of a declared file, or what keeps it from being read. */
export async function readSource(path: string): Promise<string | Unread> {
  try {
    const found = await stat(path)
    // Opening a named pipe would wait for a writer for ever.
    if (!found.isFile()) return { problem: 'is not a file', remedy: 'name a YAML file' }
    if (found.size > maxBytes)
      return { problem: 'is larger than 256 kB', remedy: 'split it, or remove what is not configuration' }
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (error) {
    return reason(error)
  }
}

function reason(error: unknown): Unread {
  if (error instanceof TypeError) return { problem: 'is not UTF-8 text', remedy: 'save it as UTF-8' }
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return noSuchFile
  if (code === 'EACCES') return { problem: 'may not be read', remedy: 'check its permissions' }
  return { problem: `cannot be read (${code ?? 'unknown error'})`, remedy: 'check the path' }
}
