import type { Launch } from '../arguments/launch'
import type { Checkpoint } from './checkpoint'

/** What one node's memory is spent on; sizes in bytes. */
export interface Budget {
  /** All that this process may claim. */
  total: number
  weights: number
  kvCache: number
  maxModelLen: number
  /** Tokens that the KV cache holds. */
  kvTokens: number
}

/** Raised where vLLM raises a ValueError; `message` is its text. */
export class BudgetError extends Error {}

export const GIB = 2 ** 30
/** What CUDA reports as the total of a GB10: all of MemTotal. */
export const DEVICE_BYTES = 127_600_748 * 1024

const BLOCK_TOKENS = 16

/** What a launch wants of each node's memory, before anything was loaded. */
export function wantedBytes({ utilization, utilizationGib }: Launch): number {
  return utilizationGib === null ? DEVICE_BYTES * utilization : utilizationGib * GIB
}

/** The refusal of a node where less than the wanted memory is free. */
export function checkFree(launch: Launch, available: number): void {
  const wanted = wantedBytes(launch)
  if (available >= wanted) return
  throw new BudgetError(
    `Free memory on device cuda:0 (${gib(available)}/${gib(DEVICE_BYTES)} GiB) on startup is less than desired GPU memory utilization (${launch.utilization}, ${gib(wanted)} GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.`,
  )
}

/** The context length a launch ends up with, before memory is looked at. */
export function checkContext(launch: Launch, model: Checkpoint, allowLong: boolean): number {
  const wanted = launch.maxModelLen ?? model.maxPosition
  if (wanted <= model.maxPosition || allowLong) return wanted === -1 ? model.maxPosition : wanted
  throw new BudgetError(
    `User-specified max_model_len (${wanted}) is greater than the derived max_model_len (max_position_embeddings=${model.maxPosition} or model_max_length=None in model's config.json). To allow overriding this maximum, set the env var VLLM_ALLOW_LONG_MAX_MODEL_LEN=1.`,
  )
}

/** Splits the memory of one node of a launch; `extra` is a drafter's weights. Throws BudgetError when no sequence fits. */
export function planBudget(launch: Launch, model: Checkpoint, maxModelLen: number, extra = 0): Budget {
  const ranks = launch.tensorParallel * launch.pipelineParallel
  const total = wantedBytes(launch)
  const weights = (sum(model.shards) + extra) / ranks
  const kvCache = total - weights - activationBytes(launch)
  if (kvCache <= 0) {
    throw new BudgetError(
      'No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine. See https://docs.vllm.ai/en/latest/configuration/conserving_memory/ for more details.',
    )
  }
  const perToken = (model.kvValuesPerToken * launch.kvBytesPerValue) / ranks
  const fitting = Math.floor(kvCache / perToken / BLOCK_TOKENS) * BLOCK_TOKENS
  const fitted = launch.maxModelLen === -1 ? Math.min(maxModelLen, fitting) : maxModelLen
  if (fitting < fitted) {
    throw new BudgetError(
      `To serve at least one request with the model's max seq len (${fitted}), (${gib(fitted * perToken)} GiB KV cache is needed, which is larger than the available KV cache memory (${gib(kvCache)} GiB). Based on the available memory, the estimated maximum model length is ${fitting}. Try increasing \`gpu_memory_utilization\` or decreasing \`max_model_len\` when initializing the engine.`,
    )
  }
  return { total, weights, kvCache, maxModelLen: fitted, kvTokens: fitting }
}

/** Bytes as GiB with two digits, without the zeros Python would not print either. */
export function gib(bytes: number): string {
  return String(Number((bytes / GIB).toFixed(2)))
}

function activationBytes({ maxBatchedTokens, eager }: Launch): number {
  return (1.2 + maxBatchedTokens / 16384 + (eager ? 0 : 0.6)) * GIB
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
