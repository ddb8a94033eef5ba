import type { Recipe } from './recipe'
import type { SparkrunFields } from './sparkrun-recipe'

/** Runtimes of sparkrun that are vLLM, whatever connects the Sparks. */
export const vllmEngines = ['vllm', 'vllm-distributed', 'vllm-ray', 'eugr-vllm']

/** What a recipe comes to. */
interface Meant {
  engine: string
  mods: string[]
  runtime: Recipe['runtime']
  nodes: number
  most: number | null
}

/** Why a valid recipe of sparkrun can't be launched here, and what to do about it; null where it can. */
export function sparkrunRefusal(
  fields: SparkrunFields,
  { engine, mods, runtime, nodes, most }: Meant,
  problem: { problem: string; remedy: string } | null,
): { reason: string; remedy: string } | null {
  const hook = (['pre_exec', 'post_exec', 'post_commands'] as const).find((key) => (fields[key] ?? []).length > 0)
  const strange = mods.find((mod) => !/^[A-Za-z0-9_~/](?!(.*\/)?\.\.(\/|$))[A-Za-z0-9._/+-]*$/.test(mod))
  if (runtime === 'script') return null
  if (!vllmEngines.includes(engine))
    return { reason: `it is for ${engine}, and only vLLM is started here`, remedy: 'start it by runtime script' }
  if (hook) return { reason: `it runs commands of its own (${hook})`, remedy: 'put them into the image, or into a mod' }
  if (fields.builder && !['none', 'eugr', 'docker-pull'].includes(fields.builder))
    return { reason: `its image is built by ${fields.builder}`, remedy: 'build the image, then remove builder' }
  if (strange) return { reason: `its mod ${strange} is no folder of spark-vllm-docker`, remedy: 'name it mods/NAME' }
  if (most !== null && nodes > most)
    return {
      reason: `it asks for ${nodes} Sparks and allows ${most}`,
      remedy: 'correct max_nodes or the parallel sizes',
    }
  if (runtime === 'docker' && nodes > 1)
    return { reason: `it asks for ${nodes} Sparks, and runtime docker has one`, remedy: 'use runtime launch-cluster' }
  if (problem) return { reason: `its command ${problem.problem}`, remedy: problem.remedy }
  return null
}
