import { existsSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'

const top = '/sys/fs/cgroup'

/** Name of the control group that a host's containers stand in. */
export function controlGroup(lab: number, host: string): string {
  return `lab${lab}-${host}`
}

/** Takes away the control groups of a lab, which docker leaves behind empty. */
export function removeControlGroups(lab: number) {
  const hierarchies = [top, ...folders(top)]
  for (const hierarchy of hierarchies) {
    const own = folders(hierarchy).filter((folder) => folder.startsWith(join(hierarchy, controlGroup(lab, ''))))
    for (const group of own) remove(group)
  }
}

function remove(group: string) {
  for (const child of folders(group)) remove(child)
  try {
    rmdirSync(group)
  } catch {
    // One hierarchy may be mounted in two places.
  }
}

function folders(parent: string): string[] {
  if (!existsSync(parent)) return []
  const entries = readdirSync(parent, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name))
}
