import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export interface ClusterFolder {
  directory: string
  /** What was made in the system's temporary directory, or null. */
  temporary: string | null
  /** Takes the temporary part away; a folder that was asked for stays. */
  remove(): void
}

/** The folder asked for, or a temporary one. Paths go into the launcher's shell text unquoted, so one with blanks gets a plain alias. */
export function clusterFolder(asked: string | undefined): ClusterFolder {
  const directory = asked === undefined ? null : resolve(asked)
  if (directory) mkdirSync(directory, { recursive: true })
  if (directory && /^[\w./@+-]+$/.test(directory)) return { directory, temporary: null, remove() {} }
  const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'spark-demo-')))
  const remove = () => rmSync(temporary, { recursive: true, force: true })
  if (!directory) return { directory: temporary, temporary, remove }
  symlinkSync(directory, join(temporary, 'cluster'))
  return { directory: join(temporary, 'cluster'), temporary, remove }
}

/** Copies the recipes of a folder, if there is one. */
export function copyRecipes(from: string, to: string) {
  mkdirSync(to, { recursive: true })
  if (!existsSync(from) || resolve(from) === resolve(to)) return
  for (const name of readdirSync(from)) if (/\.ya?ml$/.test(name)) copyFileSync(join(from, name), join(to, name))
}
