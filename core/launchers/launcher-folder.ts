import { posix } from 'node:path'
import type { Service } from '../config/cluster'

/** Is this path of a recipe meant from the launcher's folder? */
export function isOfLauncher(path: string): boolean {
  return !/^(\/|~\/)/.test(path)
}

/** Where a path of a recipe is on the head; a leading `~/` is the home. */
export function onHead(path: string, { hosts }: Service): string {
  return isOfLauncher(path) ? posix.join(hosts[0]?.launcher ?? '', path) : path
}
