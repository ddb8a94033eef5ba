import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { findModel, modelFiles, writeModels } from '../../models'
import { repoFolder } from '../../models/cache'
import { modelCommit } from '../../models/files'

/** Bytes a second of the simulated line, before `--speed`. */
const LINE_BYTES = 400e6
const STEP_MS = 100

const [verb, repo] = process.argv.slice(2).filter((word) => !word.startsWith('-'))
if (verb !== 'download' || !repo) stop('usage: hf download REPO', 2)
const model = findModel(repo ?? '')
if (!model) stop(`Repository Not Found for url: https://huggingface.co/api/models/${repo}/revision/main.`, 1)
const home = process.env.HOME ?? ''
const hub = process.env.HF_HUB_CACHE ?? join(process.env.HF_HOME ?? join(home, '.cache/huggingface'), 'hub')
if (model) await download()

/** Grows each weight file as a real download does, then leaves the finished snapshot. */
async function download() {
  if (!model) return
  const speed = Number(process.env.SPARK_SIM_SPEED) || 1
  const folder = join(hub, repoFolder(model.repo))
  mkdirSync(join(folder, 'blobs'), { recursive: true })
  const weights = modelFiles(model).filter((file) => file.large)
  for (const [index, file] of weights.entries()) {
    const blob = join(folder, 'blobs', file.blob)
    if (existsSync(blob)) continue
    for (let got = 0; got < file.bytes; ) {
      got = Math.min(file.bytes, got + (LINE_BYTES * speed * STEP_MS) / 1000)
      if (full()) stop(`OSError: [Errno 28] No space left on device: '${blob}.incomplete'`, 1)
      grow(`${blob}.incomplete`, Math.floor(got))
      await Bun.sleep(STEP_MS)
    }
    process.stderr.write(
      `\rFetching ${weights.length} files: ${Math.round(((index + 1) * 100) / weights.length)}%| ${index + 1}/${weights.length}`,
    )
  }
  writeModels(hub, [model.repo], { whole: true })
  process.stderr.write('\n')
  console.log(join(folder, 'snapshots', modelCommit(model.repo)))
}

function grow(path: string, bytes: number) {
  const file = openSync(path, 'a')
  ftruncateSync(file, bytes)
  closeSync(file)
}

const full = () => existsSync(join(process.env.SPARK_SIM_DIR ?? '', 'state/faults/disk-full.json'))

function stop(text: string, code: number) {
  console.error(text)
  process.exit(code)
}
