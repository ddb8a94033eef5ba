import { posix } from 'node:path'

/** The folder that holds a hub under its usual name, as `HF_HOME` names it; null where the hub has another name. */
export function homeOf(hub: string): string | null {
  return posix.basename(hub) === 'hub' ? posix.dirname(hub) : null
}

/** docker's mount of a hub in place of the one in `cache`, where the image looks for the Hugging Face cache. */
export function hubMount(hub: string, cache: string): string {
  const home = homeOf(hub)
  return home === null ? `${hub}:${cache}/hub` : `${home}:${cache}`
}
