import { parseArgs } from 'node:util'
import { type HubFile, hubClient } from '../hub-client'
import { snapshotWriter } from '../snapshot-writer'

// `hf download REPO [--revision R] [--dry-run]`, as far as people and the launcher's scripts use it.
const { HOME = '', HF_HOME = `${HOME}/.cache/huggingface`, HF_HUB_CACHE = `${HF_HOME}/hub` } = process.env
const { HF_ENDPOINT = 'https://huggingface.co', HF_TOKEN, HF_HUB_DISABLE_PROGRESS_BARS } = process.env
const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: { revision: { type: 'string' }, 'dry-run': { type: 'boolean' }, token: { type: 'string' } },
})
process.exitCode = await hf(positionals)

async function hf([verb, repo]: string[]): Promise<number> {
  if (verb !== 'download' || !repo) return fails('usage: hf download REPO', 2)
  try {
    return await download(repo, values.revision ?? 'main')
  } catch (error) {
    return fails((error as Error).message, 1)
  }
}

/** File after file as a real download does; what an earlier try has left is gone on with. */
async function download(repo: string, revision: string): Promise<number> {
  const hub = hubClient(HF_ENDPOINT, values.token ?? HF_TOKEN ?? null)
  const { commit, files } = await hub.files(repo, revision)
  const snapshot = snapshotWriter({ hub: HF_HUB_CACHE, repo, commit })
  const missing = files.filter((file) => !snapshot.has(file))
  if (values['dry-run']) return dryRun(files, missing)
  snapshot.begin(revision)
  for (const [index, file] of missing.entries()) {
    const { fault, head } = await hub.open(repo, commit, file)
    const grown = await snapshot.write(file, head, fault)
    // A client that was cut off and takes that for the end.
    if (!grown) break
    if (!HF_HUB_DISABLE_PROGRESS_BARS)
      process.stderr.write(`\rFetching ${missing.length} files: ${Math.round(((index + 1) * 100) / missing.length)}%`)
  }
  if (!HF_HUB_DISABLE_PROGRESS_BARS) process.stderr.write('\n')
  console.log(snapshot.path)
  return 0
}

function dryRun(files: HubFile[], missing: HubFile[]): number {
  const total = missing.reduce((sum, { bytes }) => sum + bytes, 0)
  console.log(
    `[dry-run] Will download ${missing.length} files (out of ${files.length}) totalling ${(total / 1e9).toFixed(1)}G.`,
  )
  for (const file of files) console.log(`${file.path}  ${missing.includes(file) ? file.bytes : '-'}`)
  return 0
}

function fails(text: string, code: number): number {
  console.error(text)
  return code
}
