import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { list } from './files'

export const DISK_BYTES = 982_819_848_192
/** The system, images and what else is on a Spark in use. */
const OTHERWISE_USED = 214_000_000_000

/** `<total> <used> <available>` in bytes, what the stand-in df reads; a full disk has nothing available. */
export function diskLine(modelBytes: number, full: boolean): string {
  const used = full ? DISK_BYTES : Math.min(DISK_BYTES, OTHERWISE_USED + modelBytes)
  return `${DISK_BYTES} ${used} ${DISK_BYTES - used}\n`
}

/** Bytes of every blob in a Hugging Face hub directory, by their true size (here they are sparse files). */
export function modelBytes(hub: string): number {
  return list(hub).reduce((sum, folder) => {
    // What a delete has only renamed is still there.
    const whole = folder === 'blobs' || folder === '.spark-control-trash'
    const blobs = whole ? join(hub, folder) : join(hub, folder, 'blobs')
    return sum + bytesBelow(blobs)
  }, 0)
}

function bytesBelow(directory: string): number {
  return list(directory).reduce((sum, name) => {
    // Links into the store that models share are counted there.
    const facts = lstatSync(join(directory, name), { throwIfNoEntry: false })
    return sum + (facts?.isDirectory() ? bytesBelow(join(directory, name)) : (facts?.size ?? 0))
  }, 0)
}
