import type { Arguments } from './argv'

/** One start of the server, with vLLM's defaults filled in. */
export interface Launch {
  model: string
  servedNames: string[]
  host: string
  port: number
  tensorParallel: number
  pipelineParallel: number
  nodes: number
  rank: number
  master: string
  headless: boolean
  ray: boolean
  /** Null: what the model allows; -1: what memory allows. */
  maxModelLen: number | null
  utilization: number
  /** An absolute budget in GiB (a mod of spark-vllm-docker); wins over `utilization`. */
  utilizationGib: number | null
  kvBytesPerValue: 1 | 2
  maxSequences: number
  maxBatchedTokens: number
  apiKeys: string[]
  reasoningParser: string | null
  toolParser: string | null
  autoTools: boolean
  /** What limits the size of an image, as given in `--mm-processor-kwargs`. */
  imageLimits: { maxPixels: number | null; capped: boolean }
  imagesPerPrompt: number | null
  textOnly: boolean
  pooling: boolean
  speculative: { method: string; model: string | null; tokens: number } | null
  eager: boolean
  loader: string
  accessLog: boolean
  /** As vLLM lists them in its log. */
  nonDefault: Record<string, unknown>
}

/** Reads the parsed flags as one launch; `environment` may carry VLLM_API_KEY. */
export function readLaunch(
  { model: named, values }: Arguments,
  environment: Record<string, string | undefined>,
): Launch {
  const text = (name: string) => values.get(name) as string | undefined
  const number = (name: string) => values.get(name) as number | undefined
  const list = (name: string) => (values.get(name) as string[] | undefined) ?? []
  const json = (name: string) => values.get(name) as Record<string, unknown> | undefined
  const model = named ?? text('model') ?? 'Qwen/Qwen3-0.6B'
  const speculative = json('speculative-config')
  const images = json('mm-processor-kwargs') ?? {}
  const perPrompt = json('limit-mm-per-prompt')?.image
  const kv = text('kv-cache-dtype') ?? 'auto'
  return {
    model,
    servedNames: list('served-model-name').length > 0 ? list('served-model-name') : [model],
    host: text('host') ?? '0.0.0.0',
    port: number('port') ?? 8000,
    tensorParallel: number('tensor-parallel-size') ?? 1,
    pipelineParallel: number('pipeline-parallel-size') ?? 1,
    nodes: number('nnodes') ?? 1,
    rank: number('node-rank') ?? 0,
    master: `${text('master-addr') ?? '127.0.0.1'}:${number('master-port') ?? 29501}`,
    headless: values.get('headless') === true,
    ray: text('distributed-executor-backend') === 'ray',
    maxModelLen: number('max-model-len') ?? null,
    utilization: number('gpu-memory-utilization') ?? 0.92,
    utilizationGib: number('gpu-memory-utilization-gb') ?? null,
    kvBytesPerValue: kv.startsWith('fp8') || kv === 'nvfp4' ? 1 : 2,
    maxSequences: number('max-num-seqs') ?? 256,
    maxBatchedTokens: number('max-num-batched-tokens') ?? 8192,
    apiKeys: [...list('api-key'), ...(environment.VLLM_API_KEY ? [environment.VLLM_API_KEY] : [])],
    reasoningParser: text('reasoning-parser') ?? null,
    toolParser: text('tool-call-parser') ?? null,
    autoTools: values.get('enable-auto-tool-choice') === true && text('tool-call-parser') !== undefined,
    imageLimits: {
      maxPixels: typeof images.max_pixels === 'number' ? images.max_pixels : null,
      capped: 'max_pixels' in images || 'max_soft_tokens' in images || images.truncation === false,
    },
    imagesPerPrompt: typeof perPrompt === 'number' ? perPrompt : null,
    textOnly: values.get('language-model-only') === true,
    pooling: text('runner') === 'pooling',
    speculative: speculative
      ? {
          method: String(speculative.method ?? 'draft_model'),
          model: typeof speculative.model === 'string' ? speculative.model : null,
          tokens: Number(speculative.num_speculative_tokens ?? 1),
        }
      : null,
    eager: values.get('enforce-eager') === true,
    loader: text('load-format') ?? 'auto',
    accessLog: values.get('disable-uvicorn-access-log') !== true,
    nonDefault: {
      model_tag: model,
      ...Object.fromEntries([...values].map(([name, value]) => [name.replaceAll('-', '_'), value])),
    },
  }
}
