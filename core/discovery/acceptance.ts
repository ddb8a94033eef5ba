import { randomUUID } from 'node:crypto'
import { copyFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { behindLinks } from '../config/behind-links'

/** Why a configuration was not written. */
export class NotWrittenError extends Error {
  override name = 'NotWrittenError'
}

/**
 * Writes a configuration as a whole or not at all; the one before stays beside it as `.bak`, its rights are kept, and a
 * link to it stays a link.
 * @throws {NotWrittenError} naming the reason, not the path
 */
export async function writeConfiguration(path: string, text: string): Promise<void> {
  const file = behindLinks(path)
  const before = await stat(file).catch(() => null)
  const fresh = `${file}.${randomUUID()}.new`
  try {
    if (before) await copyFile(file, `${file}.bak`)
    await writeFile(fresh, text, { mode: before ? before.mode & 0o777 : 0o644, flag: 'wx' })
    await rename(fresh, file).catch(async (error: NodeJS.ErrnoException) => {
      // A file that is mounted on its own into a container can't be replaced, only filled.
      if (error.code !== 'EBUSY' && error.code !== 'EXDEV') throw error
      await writeFile(file, text)
    })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    throw new NotWrittenError(`spark.config.yaml: cannot be written (${code}); ${remedies[code] ?? closedFolder}`)
  } finally {
    await rm(fresh, { force: true })
  }
}

const closedFolder = 'make its folder writable for Spark Control'
const remedies: Record<string, string> = {
  ENOENT: 'its folder is not there: make it',
  ENOSPC: 'its disk is full: make room',
}
