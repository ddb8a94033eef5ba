import type { FoundModel } from '../disk/found-model'
import type { FitInput, MeasuredLaunch } from './fit'
import { geometry } from './geometry'
import { kvCacheBytes } from './kv-cache'
import type { Wishes } from './wishes'

/** What a launch needs on each of its hosts; bytes. */
export interface Demand {
  /** Null where they lie on no host that was looked at. */
  weights: number | null
  overhead: number
  /** Tokens the model was made for; null where nothing tells. */
  context: number | null
  /** The KV cache's size is known by the model's shape or by a launch; else it is a share of the weights. */
  shaped: boolean
  measured: boolean
  /** KV cache for so many sequences of so many tokens. */
  kv(context: number, sequences: number): number
}

/** Reckons what a launch needs from the weights on disk and the model's shape, corrected by what launches really took. */
export function demandOf({ found, drafter, recipe, launches = [] }: FitInput, wishes: Wishes): Demand {
  const model = anyOf(found)
  const shape = geometry(model?.config ?? null)
  const took = ofLaunches(launches)
  const onDisk = weightsOf(model, anyOf(drafter ?? {}), wishes, shape?.layers ?? null)
  const weights = took.weightsBytes === null ? onDisk : near(took.weightsBytes, onDisk)
  const context = wishes.context ?? shape?.context ?? null
  const estimated = (tokens: number, sequences: number) =>
    shape ? kvCacheBytes(shape, wishes, tokens, sequences) : null
  const token = took.kvBytesPerToken
  const correction = correctionOf(token, context, context === null ? null : estimated(context, 1))
  const nodes = Math.max(recipe.nodes, wishes.tensorParallel * wishes.pipelineParallel)
  const around = overhead(wishes, { vision: shape?.vision ?? false, bytes: model?.weightBytes ?? null, nodes }, drafter)
  return {
    weights,
    overhead: took.overheadBytes === null ? around : clamped(took.overheadBytes, leastOverhead, around * mostOverhead),
    context: shape?.context ?? null,
    shaped: shape !== null || token !== null,
    measured: took.weightsBytes !== null || took.overheadBytes !== null || token !== null,
    kv(tokens, sequences) {
      const bytes = estimated(tokens, sequences)
      if (bytes !== null) return Math.ceil(bytes * correction)
      return Math.ceil(token === null ? (weights ?? 0) * unshapedKv : token * tokens * sequences)
    },
  }
}

const GiB = 2 ** 30

// What vLLM's recipes plan for a model beyond its weights (`vram_min`, about weights x 1.2; spark-runtimes §5.6).
const unshapedKv = 0.2

// Together 4 GiB at 8192 tokens a step and few sequences, which is what people budget on a GB10 and get by with (spark-runtimes §3.3).
const runtime = 2 * GiB
const activationsOfToken = GiB / 8192
const fewGraphs = GiB
// For all 51 sizes up to 512 vLLM reckons 5 to 6 GiB (spark-vllm-docker issue 396: 0.042 of the host; vllm issue 46462: 6.24 GiB).
const allGraphs = 5 * GiB
// Those are of large models; for one of 8B at 16 bits the same sizes took 0.52 GiB (LMCache issue 3430), so this is careful still.
const smallWeights = 8 * GiB
// Its buffers stay: 4.4 GiB less for the cache on three pairs of Sparks (MiaAI-Lab/GLM-5.3-Flash-EXL3-2x-DGX-Sparks issue 204).
const instantTensor = 4.4 * GiB
// The tower's activations for the largest picture, which vLLM runs once to measure.
const vision = GiB
// NCCL's buffers, and a worker beside the engine.
const manyHosts = 2 * GiB
// One that nobody looked for; those for models of 25 to 120 GB are 1 to 2 GiB.
const unknownDrafter = 2 * GiB

/** Of the whole model: does it see, and the bytes of its weights on all hosts together, where they are known. */
interface Size {
  vision: boolean
  bytes: number | null
  nodes: number
}

function overhead(wishes: Wishes, { vision: sees, bytes, nodes }: Size, drafter: FitInput['drafter']): number {
  const { vllm, batchedTokens, captured, loader } = wishes
  const unlooked = wishes.drafter !== null && anyOf(drafter ?? {}) === null
  return Math.ceil(
    runtime +
      batchedTokens * activationsOfToken +
      (vllm ? graphs(captured) : fewGraphs) * (bytes === null ? 1 : Math.min(1, bytes / smallWeights)) +
      (loader === 'instanttensor' ? instantTensor : 0) +
      (sees ? vision : 0) +
      (nodes > 1 ? manyHosts : 0) +
      (unlooked ? unknownDrafter : 0),
  )
}

/** Hardly any up to 64, then in proportion. */
function graphs(captured: number): number {
  if (captured === 0) return 0
  return fewGraphs + (allGraphs - fewGraphs) * Math.min(1, Math.max(0, captured - 64) / 448)
}

/** The same model lies on every host of a launch, so any whole one tells. */
function anyOf(found: Record<string, FoundModel | null>): FoundModel | null {
  const models = Object.values(found).filter((model) => model !== null && model.weightBytes > 0)
  return models.find((model) => model?.state === 'ready') ?? models[0] ?? null
}

/** The part of one GPU: tensor parallel divides every layer, pipeline parallel the number of layers. */
function weightsOf(
  model: FoundModel | null,
  drafter: FoundModel | null,
  { tensorParallel, pipelineParallel }: Wishes,
  layers: number | null,
): number | null {
  if (!model) return null
  // Of one that is still being downloaded the whole is what counts.
  const bytes = model.state === 'ready' ? model.weightBytes : Math.max(model.weightBytes, model.expectedBytes ?? 0)
  const stage = layers === null ? 1 / pipelineParallel : Math.ceil(layers / pipelineParallel) / layers
  return Math.ceil((bytes * stage + (drafter?.weightBytes ?? 0)) / tensorParallel)
}

// One odd log must not make a recipe unusable: nothing that was measured may be further than this from what was reckoned.
const weightsTolerance = 0.3
const mostOverhead = 3
// Less is no program's: vLLM's estimate of graphs on unified memory can be gigabytes below nothing (spark-vllm-docker pull 200).
const leastOverhead = GiB

const clamped = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value))

function near(bytes: number, onDisk: number | null): number {
  if (onDisk === null) return Math.ceil(bytes)
  return Math.ceil(clamped(bytes, onDisk * (1 - weightsTolerance), onDisk * (1 + weightsTolerance)))
}

const newest = 2

/** Of the newest launches the most that each part took: what one launch had by luck the next may not have. */
function ofLaunches(launches: MeasuredLaunch[]): MeasuredLaunch {
  const most = (name: keyof MeasuredLaunch) => {
    const values = launches.map((launch) => launch[name]).filter((value) => value !== null && value > 0)
    return values.length === 0 ? null : Math.max(...values.slice(0, newest).map(Number))
  }
  return {
    weightsBytes: most('weightsBytes'),
    overheadBytes: most('overheadBytes'),
    kvBytesPerToken: most('kvBytesPerToken'),
  }
}

/** How far what was measured is from what was reckoned for the same sequence. */
function correctionOf(token: number | null, context: number | null, estimate: number | null): number {
  if (token === null || context === null || !estimate) return 1
  return Math.min(4, Math.max(1 / 4, (token * context) / estimate))
}
