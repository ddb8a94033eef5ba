import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Kind } from './kind'

/**
 * Every service kind: a file `<kind>.ts` in the folder that exports `kind`. A file dropped in is a new kind.
 * @throws {Error} naming the file when one does not export a kind of its own name.
 */
export async function loadKinds(directory = join(import.meta.dir, 'services')): Promise<Kind[]> {
  const files = readdirSync(directory).filter((name) => /^[a-z0-9-]+\.tsx?$/.test(name))
  const loaded = files.sort().map(async (name) => named(name, await import(join(directory, name))))
  return Promise.all(loaded)
}

/** Checks that what a file exports is a kind of the file's name. */
export function named(file: string, module: { kind?: Kind }): Kind {
  const kind = module.kind
  if (!kind) throw new Error(`handlers/services/${file}: exports no \`kind\`; export one value that satisfies Kind`)
  const name = file.replace(/\.tsx?$/, '')
  if (kind.kind !== name) {
    throw new Error(`handlers/services/${file}: calls itself "${kind.kind}"; name the file ${kind.kind}.ts`)
  }
  return kind
}
