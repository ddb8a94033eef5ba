import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { type DemoModel, findModel, modelFiles, writeModels } from '../../models'
import { repoFolder } from '../../models/cache'
import { modelCommit } from '../../models/files'

/** Bytes a second of the simulated line, before `--speed`. */
const LINE_BYTES = 400e6
const STEP_MS = 100

const { HOME = '', HF_HOME = join(HOME, '.cache/huggingface'), HF_HUB_CACHE = join(HF_HOME, 'hub') } = process.env
process.exitCode = await hf(process.argv.slice(2).filter((word) => !word.startsWith('-')))

/** `hf download REPO`, as far as the launcher's scripts use it. */
async function hf([verb, repo]: string[]): Promise<number> {
  if (verb !== 'download' || !repo) return fails('usage: hf download REPO', 2)
  const model = findModel(repo)
  if (!model) return fails(`Repository Not Found for url: https://huggingface.co/api/models/${repo}/revision/main.`, 1)
  return download(model)
}

/** Grows each weight file as a real download does, then leaves the finished snapshot. */
async function download(model: DemoModel): Promise<number> {
  const bytesAStep = (LINE_BYTES * (Number(process.env.SPARK_SIM_SPEED) || 1) * STEP_MS) / 1000
  const blobs = join(HF_HUB_CACHE, repoFolder(model.repo), 'blobs')
  mkdirSync(blobs, { recursive: true })
  const weights = modelFiles(model).filter((file) => file.large)
  for (const [index, file] of weights.entries()) {
    const blob = join(blobs, file.blob)
    for (let got = existsSync(blob) ? file.bytes : 0; got < file.bytes; ) {
      if (diskFull()) return fails(`OSError: [Errno 28] No space left on device: '${blob}.incomplete'`, 1)
      got = Math.min(file.bytes, got + bytesAStep)
      resize(`${blob}.incomplete`, Math.floor(got))
      await Bun.sleep(STEP_MS)
    }
    const percent = Math.round(((index + 1) * 100) / weights.length)
    process.stderr.write(`\rFetching ${weights.length} files: ${percent}%| ${index + 1}/${weights.length}`)
  }
  writeModels(HF_HUB_CACHE, [model.repo], { whole: true })
  process.stderr.write('\n')
  console.log(join(HF_HUB_CACHE, repoFolder(model.repo), 'snapshots', modelCommit(model.repo)))
  return 0
}

/** A sparse file of that size. */
function resize(path: string, bytes: number) {
  const file = openSync(path, 'a')
  ftruncateSync(file, bytes)
  closeSync(file)
}

function diskFull(): boolean {
  return existsSync(join(process.env.SPARK_SIM_DIR ?? '', 'state/faults/disk-full.json'))
}

function fails(text: string, code: number): number {
  console.error(text)
  return code
}
