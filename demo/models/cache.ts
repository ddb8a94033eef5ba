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

/** Writes one model into a Hugging Face hub directory in its true layout; `held` shards only where the download was cut off. */
export function writeModel(hub: string, model: DemoModel, held = Number.POSITIVE_INFINITY): void {
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
    writeSparse(blob, file.bytes, file.content)
    rmSync(`${blob}.incomplete`, { force: true })
    link(join(repo, 'snapshots', commit, file.path), join('..', '..', 'blobs', file.blob))
  }
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
