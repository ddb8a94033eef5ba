import type { SuggestedFlag } from './settle'
import type { Spread } from './spread'
import { tables } from './tables'

/** Flags that follow from a model's size and context, whatever it is. */
export function frameFlags(
  spread: Spread,
  context: number | null,
  limit: number | undefined,
  kind: 'chat' | 'embed' | 'rerank',
): SuggestedFlag[] {
  const length = contextFlag(context, limit, kind === 'chat')
  return [...parallelFlags(spread), ...(length ? [length] : [])]
}

/** Numbers an operator may want to change stand under `defaults`; the share of memory has no value there and is computed at launch. */
export function defaultsOf(flags: readonly SuggestedFlag[]): { flag: string; name: string; value: number | null }[] {
  const numberOf = (wanted: string) => Number(flags.find(({ flag }) => flag === wanted)?.value)
  return adjustable
    .map(([flag, name]) => ({ flag, name, value: flag === share ? null : numberOf(flag) }))
    .filter(({ value }) => value === null || value > 0)
}

const share = '--gpu-memory-utilization'
const adjustable: [flag: string, name: string][] = [
  ['--tensor-parallel-size', 'tensor_parallel'],
  ['--pipeline-parallel-size', 'pipeline_parallel'],
  [share, 'gpu_memory_utilization'],
  ['--max-model-len', 'max_model_len'],
  ['--max-num-seqs', 'max_num_seqs'],
  ['--max-num-batched-tokens', 'max_num_batched_tokens'],
]

function parallelFlags({ tensor, pipeline, reason, source }: Spread): SuggestedFlag[] {
  const flags: [string, number][] = [['--tensor-parallel-size', tensor]]
  if (pipeline > 1) flags.push(['--pipeline-parallel-size', pipeline])
  return flags.map(([flag, value]) => ({ flag, value: String(value), reason, source, confidence: 'likely' }))
}

function contextFlag(context: number | null, limit: number | undefined, chat: boolean): SuggestedFlag | null {
  const { cap, reason, source } = tables.sizes.context
  const value = context === null ? null : Math.min(context, limit ?? cap)
  if (value === null) return null
  const whole = value === context
  // Of 8194 positions XLM-RoBERTa keeps two for itself, and vLLM refuses a length that is one too many.
  if (whole && !chat)
    return {
      flag: '--max-model-len',
      value: null,
      reason:
        'left out: vLLM reads it from its tokenizer and its pooling files, which may take less than its config.json says',
      source: 'vLLM, pooling models',
      confidence: 'likely',
    }
  return {
    flag: '--max-model-len',
    value: String(value),
    reason: whole ? 'all that it was made for' : `${reason} (it was made for ${context})`,
    source: whole ? 'config.json' : source,
    confidence: 'likely',
  }
}
