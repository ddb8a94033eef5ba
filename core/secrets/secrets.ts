import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a secret may be called. */
export const secretName = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/

/** Values that the configuration only names; no answer, log or error ever holds one. */
export interface Secrets {
  /** @throws {Error} on a name that is none */
  set(name: string, value: string): void
  /** Null where it was never set. */
  get(name: string): string | null
  has(name: string): boolean
  /** False where there was none. */
  remove(name: string): boolean
  names(): string[]
}

/** Secrets as files of mode 0600 in the data directory, each written whole or not at all. */
export function secrets(dataDirectory: string): Secrets {
  const folder = join(dataDirectory, 'secrets')

  function file(name: string): string {
    if (!secretName.test(name))
      throw new Error('secret: is not a name; use letters, digits and underscores, at most 64')
    return join(folder, name)
  }

  return {
    set(name, value) {
      const path = file(name)
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      chmodSync(folder, 0o700)
      // A dot keeps it from being a name; left by a crash it is written over by the next.
      const next = join(folder, `.${name}`)
      rmSync(next, { force: true })
      writeFileSync(next, value, { mode: 0o600, flag: 'wx' })
      renameSync(next, path)
    },
    get(name) {
      const path = file(name)
      return existsSync(path) ? readFileSync(path, 'utf8') : null
    },
    has: (name) => existsSync(file(name)),
    remove(name) {
      const path = file(name)
      if (!existsSync(path)) return false
      rmSync(path)
      return true
    },
    names: () =>
      existsSync(folder)
        ? readdirSync(folder)
            .filter((name) => secretName.test(name))
            .sort()
        : [],
  }
}
