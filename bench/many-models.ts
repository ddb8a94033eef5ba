import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DemoModel, demoModels } from '../demo/models'
import { writeModel } from '../demo/models/cache'

const tensorsOfMoe = 30_000
const shardsOfMoe = 8

/**
 * Fills a hub directory with models like those of the demo under other names, weights as sparse files; of every tenth headers
 * and index are as long as those of a model with many experts. Answers their repos.
 */
export function writeManyModels(hub: string, count: number): string[] {
  const kinds = demoModels.filter(({ held, shared }) => held === undefined && !shared)
  return Array.from({ length: count }, (_, n) => {
    const kind = kinds[n % kinds.length] as DemoModel
    const repo = `org-${n % 7}/model-${n}`
    if (n % 10 === 0) writeMoe(join(hub, `models--${repo.replace('/', '--')}`), kind)
    else writeModel(hub, { ...kind, repo })
    return repo
  })
}

function writeMoe(folder: string, { config, bytes }: DemoModel) {
  const commit = 'a'.repeat(40)
  const at = join(folder, 'snapshots', commit)
  for (const each of ['blobs', 'refs', join('snapshots', commit)]) mkdirSync(join(folder, each), { recursive: true })
  writeFileSync(join(folder, 'refs/main'), commit)
  writeFileSync(join(at, 'config.json'), JSON.stringify(config))
  const size = Math.floor(bytes / tensorsOfMoe)
  const weight_map: Record<string, string> = {}
  for (let shard = 0; shard < shardsOfMoe; shard++) {
    const path = `model-0000${shard + 1}-of-0000${shardsOfMoe}.safetensors`
    const names = Array.from({ length: tensorsOfMoe / shardsOfMoe }, (_, n) => tensorName(shard, n))
    for (const name of names) weight_map[name] = path
    writeFileSync(join(folder, 'blobs', path), header(names, size))
    Bun.spawnSync([
      'truncate',
      '-s',
      String(header(names, size).length + size * names.length),
      join(folder, 'blobs', path),
    ])
    symlinkSync(join('../../blobs', path), join(at, path))
  }
  const index = { metadata: { total_size: size * tensorsOfMoe }, weight_map }
  writeFileSync(join(at, 'model.safetensors.index.json'), JSON.stringify(index))
}

const tensorName = (layer: number, n: number) => `model.layers.${layer}.mlp.experts.${n}.down_proj.weight_scale`

function header(names: string[], size: number): Buffer {
  const entries = names.map((name, n) => [
    name,
    { dtype: 'U8', shape: [size], data_offsets: [n * size, (n + 1) * size] },
  ])
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text])
}
