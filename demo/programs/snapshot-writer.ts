import {
  closeSync,
  existsSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { HubFile } from './hub-client'

export interface SnapshotPlace {
  /** The hub directory. */
  hub: string
  repo: string
  commit: string
}

/** Writes a snapshot as huggingface_hub does: blobs first, each linked once it is whole. */
export interface SnapshotWriter {
  path: string
  has(file: HubFile): boolean
  begin(revision: string): void
  /** False where the fault made it stop half-way. Throws what Python says of a full disk. */
  write(file: HubFile, head: Uint8Array, fault: string | null): Promise<boolean>
}

/** Bytes a second of the simulated line, before `--speed`. */
const LINE_BYTES = 400e6
const STEP_MS = 100

/** A writer into a hub directory; weights grow as sparse files at the speed of the simulated line. */
export function snapshotWriter({ hub, repo, commit }: SnapshotPlace): SnapshotWriter {
  const folder = join(hub, `models--${repo.replaceAll('/', '--')}`)
  const path = join(folder, 'snapshots', commit)
  const blobOf = ({ blob }: HubFile) => join(folder, 'blobs', blob)
  const linkOf = (file: HubFile) => join(path, file.path)

  function link(file: HubFile) {
    const at = linkOf(file)
    mkdirSync(dirname(at), { recursive: true })
    rmSync(at, { force: true })
    symlinkSync(relative(dirname(at), blobOf(file)), at)
  }

  return {
    path,
    has: (file) => existsSync(linkOf(file)),
    begin(revision) {
      for (const each of [
        join(folder, 'blobs'),
        join(folder, 'refs'),
        path,
        join(hub, '.locks', `models--${repo.replaceAll('/', '--')}`),
      ])
        mkdirSync(each, { recursive: true })
      if (revision !== commit) writeFileSync(join(folder, 'refs', revision), commit)
    },
    async write(file, head, fault) {
      const blob = blobOf(file)
      const part = `${blob}.incomplete`
      if (!existsSync(blob)) {
        // A link into a store where it no longer lies.
        rmSync(blob, { force: true })
        const end = fault === null ? file.bytes : Math.floor(file.bytes / 2)
        await grow(part, head, end)
        if (fault === 'incomplete') return false
        renameSync(part, blob)
      }
      link(file)
      return true
    },
  }
}

async function grow(part: string, head: Uint8Array, bytes: number) {
  const step = (LINE_BYTES * (Number(process.env.SPARK_SIM_SPEED) || 1) * STEP_MS) / 1000
  let got = lstatSync(part, { throwIfNoEntry: false })?.isFile() ? statSync(part).size : 0
  if (got === 0) write(part, (file) => writeSync(file, head))
  got = Math.max(got, Math.min(bytes, head.length))
  while (got < bytes) {
    got = Math.min(bytes, got + step)
    write(part, (file) => ftruncateSync(file, Math.floor(got)))
    await Bun.sleep(STEP_MS)
  }
}

function write(part: string, act: (file: number) => void) {
  if (existsSync(join(process.env.SPARK_SIM_DIR ?? '', 'state/faults/disk-full.json')))
    throw new Error(`OSError: [Errno 28] No space left on device: '${part}'`)
  const file = openSync(part, 'a')
  act(file)
  closeSync(file)
}
