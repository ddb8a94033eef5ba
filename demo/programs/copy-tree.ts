import {
  closeSync,
  copyFileSync,
  existsSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { join, normalize } from 'node:path'

export interface CopyOptions {
  /** Names, `*.ending`, or `/name/` for one at the top. */
  excluded: string[]
  /** Folder beside a file where it is kept half-way; null: it is lost. */
  partial: string | null
  /** A file of the same size is the same. */
  sizeOnly: boolean
  /** Links that arrive as files: none, those that lead out of the tree, all. */
  followed: 'none' | 'unsafe' | 'all'
}

/** The copy broke off; carries rsync's exit code. */
export class ProtocolError extends Error {
  override name = 'ProtocolError'
  constructor(
    message: string,
    readonly code: number,
  ) {
    super(message)
  }
}

/** Bytes a second of the link between two Sparks, before `--speed`. */
const LINK_BYTES = 1.2e9
const STEP_MS = 100
const HEAD_BYTES = 2 ** 21

/** Copies what is in one folder to another of another Spark, file by file at the speed of the link, as rsync -a does. */
export async function copyTree(from: string, to: string, options: CopyOptions, below = ''): Promise<void> {
  mkdirSync(join(to, below), { recursive: true })
  for (const name of readdirSync(join(from, below)).sort()) {
    const path = join(below, name)
    if (options.excluded.some((pattern) => matches(pattern, name, below))) continue
    const facts = lstatSync(join(from, path))
    if (facts.isDirectory()) await copyTree(from, to, options, path)
    else if (facts.isSymbolicLink()) await copyLink(from, to, path, options)
    else await copyFile(join(from, path), join(to, path), facts, options)
  }
}

function matches(pattern: string, name: string, below: string): boolean {
  if (pattern.startsWith('/')) return below === '' && name === pattern.replaceAll('/', '')
  return pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : name === pattern.replace(/\/$/, '')
}

async function copyLink(from: string, to: string, path: string, options: CopyOptions) {
  const leads = readlinkSync(join(from, path))
  const outside = leads.startsWith('/') || normalize(join(path, '..', leads)).startsWith('..')
  if (options.followed === 'none' || (options.followed === 'unsafe' && !outside)) {
    rmSync(join(to, path), { force: true })
    symlinkSync(leads, join(to, path))
    return
  }
  const facts = statSync(join(from, path), { throwIfNoEntry: false })
  if (facts?.isFile()) await copyFile(join(from, path), join(to, path), facts, options)
}

async function copyFile(from: string, to: string, facts: Stats, { partial, sizeOnly }: CopyOptions) {
  const there = lstatSync(to, { throwIfNoEntry: false })
  const sameTime = Math.floor((there?.mtimeMs ?? 0) / 1000) === Math.floor(facts.mtimeMs / 1000)
  if (there?.isFile() && there.size === facts.size && (sizeOnly || sameTime)) return
  const [folder, name] = [join(to, '..'), to.slice(to.lastIndexOf('/') + 1)]
  const kept = partial === null ? null : join(folder, partial, name)
  const growing = join(folder, `.${name}.${Math.random().toString(36).slice(2, 8).padEnd(6, '0')}`)
  if (kept && existsSync(kept)) renameSync(kept, growing)
  const keep = () => {
    if (!existsSync(growing)) return
    if (kept === null) return rmSync(growing)
    mkdirSync(join(folder, partial ?? ''), { recursive: true })
    renameSync(growing, kept)
  }
  const killed = () => {
    keep()
    console.error('rsync error: received SIGINT, SIGTERM, or SIGHUP (code 20)')
    process.exit(20)
  }
  process.on('SIGTERM', killed)
  try {
    await grow(from, growing, facts)
  } catch (error) {
    keep()
    throw error
  } finally {
    process.off('SIGTERM', killed)
  }
  utimesSync(growing, facts.atime, facts.mtime)
  renameSync(growing, to)
}

async function grow(from: string, to: string, facts: Stats) {
  checkWay(to)
  const sparse = facts.blocks * 512 <= HEAD_BYTES && facts.size > HEAD_BYTES
  if (!sparse) return copyFileSync(from, to)
  const step = (LINK_BYTES * (Number(process.env.SPARK_SIM_SPEED) || 1) * STEP_MS) / 1000
  let got = lstatSync(to, { throwIfNoEntry: false })?.size ?? 0
  const source = openSync(from, 'r')
  const target = openSync(to, got > 0 ? 'r+' : 'w')
  try {
    // What a sparse file of weights holds stands at its beginning.
    const head = Buffer.alloc(HEAD_BYTES)
    if (got === 0) writeSync(target, head, 0, readSync(source, head, 0, HEAD_BYTES, 0))
    while (got < facts.size) {
      checkWay(to)
      got = Math.min(facts.size, got + step)
      ftruncateSync(target, Math.floor(got))
      await Bun.sleep(STEP_MS)
    }
  } finally {
    closeSync(source)
    closeSync(target)
  }
}

/** Both ends of the cable must be there, and room at the far one. */
function checkWay(to: string) {
  const far = /^(.*\/hosts\/[^/]+)\//.exec(to)?.[1] ?? ''
  const fault = (host: string, kind: string) => existsSync(join(host, 'state/faults', `${kind}.json`))
  if (fault(far, 'disk-full'))
    throw new ProtocolError(
      `rsync: [receiver] write failed on "${to}": No space left on device (28)\nrsync error: error in file IO (code 11) at receiver.c(380)`,
      11,
    )
  const near = process.env.SPARK_SIM_DIR ?? ''
  if ([near, far].some((host) => fault(host, 'link-down')) || fault(far, 'reboot'))
    throw new ProtocolError(
      'rsync: connection unexpectedly closed (0 bytes received so far) [sender]\nrsync error: error in rsync protocol data stream (code 12) at io.c(232) [sender=3.2.7]',
      12,
    )
}
