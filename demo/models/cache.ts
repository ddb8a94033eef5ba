import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { DemoModel } from './catalogue'
import { type ModelFile, modelCommit, modelFiles } from './files'

const CACHEDIR_TAG =
  'Signature: 8a477f597d28d172789f06886806bc55\n# This file is a cache directory tag created by huggingface_hub.\n'

// A fresh .incomplete would read as a download that is still going on.
const LONG_AGO = new Date('2026-08-20T10:00:00Z')

export interface WriteOptions {
  /** Shards that are there before the download was cut off. */
  held?: number
  /** The links alone, as a copy leaves them that does not follow those into the shared store. */
  linksOnly?: boolean
}

/** Writes one model into a Hugging Face hub directory in its true layout. */
export function writeModel(hub: string, model: DemoModel, options: WriteOptions = {}): void {
  const { held = Number.POSITIVE_INFINITY, linksOnly = false } = options
  const repo = join(hub, repoFolder(model.repo))
  const commit = modelCommit(model.repo)
  const files = modelFiles(model)
  const weights = files.filter((file) => file.large)
  for (const folder of ['blobs', 'refs', join('snapshots', commit)]) mkdirSync(join(repo, folder), { recursive: true })
  mkdirSync(join(hub, '.locks', repoFolder(model.repo)), { recursive: true })
  writeFileSync(join(hub, 'CACHEDIR.TAG'), CACHEDIR_TAG)
  writeFileSync(join(repo, 'refs', 'main'), commit)
  if (model.tree) writeTree(join(repo, 'trees', `${commit}.json`), files)
  for (const file of files) {
    const index = weights.indexOf(file)
    const blob = join(repo, 'blobs', file.blob)
    if (index > held) continue
    if (index === held) {
      writeSparse(`${blob}.incomplete`, Math.floor(file.bytes / 2), file.content)
      utimesSync(`${blob}.incomplete`, LONG_AGO, LONG_AGO)
      continue
    }
    if (model.shared) writeShared(hub, blob, file, linksOnly)
    else writeSparse(blob, file.bytes, file.content)
    rmSync(`${blob}.incomplete`, { force: true })
    link(join(repo, 'snapshots', commit, file.path), join('..', '..', 'blobs', file.blob))
  }
}

/** Writes a model into a plain folder, as who trained it left it. */
export function writePlainModel(folder: string, model: DemoModel): void {
  mkdirSync(folder, { recursive: true })
  for (const file of modelFiles(model)) writeSparse(join(folder, file.path), file.bytes, file.content)
}

/** The folder name of a repo inside a hub directory. */
export function repoFolder(repo: string): string {
  return `models--${repo.replaceAll('/', '--')}`
}

function writeSparse(path: string, bytes: number, head: Uint8Array): void {
  const file = openSync(path, 'w')
  writeSync(file, head)
  ftruncateSync(file, bytes)
  closeSync(file)
}

function writeShared(hub: string, blob: string, file: ModelFile, linksOnly: boolean): void {
  const stored = join('blobs', file.blob.slice(0, 2), file.blob)
  link(blob, join('..', '..', stored))
  if (linksOnly) return
  mkdirSync(dirname(join(hub, stored)), { recursive: true })
  writeSparse(join(hub, stored), file.bytes, file.content)
}

function writeTree(path: string, files: ModelFile[]): void {
  const entry = ({ bytes, blob, large }: ModelFile) => ({
    size: bytes,
    blob_id: large ? blob.slice(0, 40) : blob,
    ...(large ? { lfs_sha256: blob, lfs_size: bytes } : {}),
  })
  mkdirSync(dirname(path), { recursive: true })
  const listed = Object.fromEntries(files.map((file) => [file.path, entry(file)]))
  writeFileSync(path, JSON.stringify({ format_version: 1, files: listed }))
}

function link(path: string, target: string): void {
  rmSync(path, { force: true })
  symlinkSync(target, path)
}
