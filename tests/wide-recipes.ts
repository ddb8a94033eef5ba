import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { copyRecipes } from '../demo/cluster-folder'

/** What the recipes for several Sparks load; no shipped recipe's fault befalls it. */
export const wideModel = 'Qwen/Qwen3-8B'

/** The recipe that runs on so many Sparks. */
export const wide = (nodes: number) => `wide-${nodes}`

/** A folder with the shipped recipes and one for each number of Sparks; the caller removes the folder above it. */
export function wideRecipes(numbers: readonly number[]): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'spark-wide-')), 'recipes')
  copyRecipes(join(import.meta.dir, '../recipes'), folder)
  for (const nodes of numbers) {
    // Heads divide by two, four and eight; three Sparks in a ring each have a third of the layers.
    const flag = nodes === 3 ? '--pipeline-parallel-size' : '--tensor-parallel-size'
    const command = `vllm serve ${wideModel} --port {port} ${flag} ${nodes} --gpu-memory-utilization 0.3 --max-model-len 16384`
    const recipe = { recipe_version: '1', name: wide(nodes), model: wideModel, container: 'vllm-node', command }
    writeFileSync(join(folder, `${wide(nodes)}.yaml`), stringify({ ...recipe, cluster_only: nodes > 1 }))
  }
  return folder
}
