/** One file of a folder of recipes. */
export interface RecipeText {
  /** Below the folder. */
  path: string
  /** Size, time and place on the disk: while it is the same, so is the file. */
  mark: string
  text: string
}

/** What a folder of recipes holds, as far as it may be read. */
export interface FolderReading {
  files: RecipeText[]
  /** Files that were not taken, with the reason. */
  skipped: { path: string; problem: string }[]
  /** Commit of the git checkout it lies in, 40 hex digits; null outside of one. */
  commit: string | null
  /** Why there is nothing at all; null where the folder was read. */
  problem: string | null
}

/** A folder that nobody of this house keeps must not fill its memory, nor its page. */
export const limits = { fileBytes: 64 * 1024, files: 500, totalBytes: 4 * 1024 * 1024, entries: 20_000, depth: 8 }

export const tooLarge = `is larger than ${limits.fileBytes / 1024} kB`
export const tooMany = `is one too many: ${limits.files} files or ${limits.totalBytes / 1024 / 1024} MB of one folder are read`
export const isLink = 'is a link or no file'
export const notText = 'is not UTF-8 text'
