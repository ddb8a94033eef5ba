import { copyFile, rename, rm, stat, writeFile } from 'node:fs/promises'

/** Why a configuration was not written. */
export class NotWrittenError extends Error {
  override name = 'NotWrittenError'
}

/**
 * Writes a configuration as a whole or not at all; the one before stays beside it as `.bak`, its rights are kept.
 * @throws {NotWrittenError} naming the reason, not the path
 */
export async function writeConfiguration(path: string, text: string): Promise<void> {
  const before = await stat(path).catch(() => null)
  const fresh = `${path}.${process.pid}.new`
  try {
    if (before) await copyFile(path, `${path}.bak`)
    await writeFile(fresh, text, { mode: before ? before.mode & 0o777 : 0o644 })
    await rename(fresh, path).catch(async (error: NodeJS.ErrnoException) => {
      // A file that is mounted on its own into a container can't be replaced, only filled.
      if (error.code !== 'EBUSY' && error.code !== 'EXDEV') throw error
      await writeFile(path, text)
    })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    throw new NotWrittenError(
      `spark.config.yaml: cannot be written (${code}); make its folder writable for Spark Control`,
    )
  } finally {
    await rm(fresh, { force: true })
  }
}
