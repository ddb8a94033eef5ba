import { pythonText } from './python'
import { CONTEXT_BYTES, engineSpeaker, ranksOf, type Start, type Step, say } from './step'
import { VERSION } from './version'

/** The process comes up and reads what it was asked; a worker without HTTP says less. */
export function* bootPhase({ launch, model, maxModelLen }: Start): Generator<Step> {
  if (launch.headless) {
    const text = `Launching vLLM (v${VERSION}) headless multiproc executor, with head node address ${launch.master} for torch.distributed process group.`
    yield { ...say(11, engineSpeaker(launch), 'serve.py:196', text), claim: CONTEXT_BYTES }
    return
  }
  yield say(5, 'APIServer', 'utils.py:299', `vLLM API server version ${VERSION}, serving model ${launch.model}`)
  yield say(0, 'APIServer', 'utils.py:233', `non-default args: ${pythonText(launch.nonDefault)}`)
  yield say(1.5, 'APIServer', 'model.py:541', `Resolved architecture: ${model.architecture}`)
  yield say(0, 'APIServer', 'model.py:1561', `Using max model len ${maxModelLen}`)
  if (launch.kvBytesPerValue === 1) {
    yield say(
      0,
      'APIServer',
      'cache.py:216',
      'Using fp8 data type to store kv cache. It reduces the GPU memory footprint and boosts the performance.',
    )
  }
  const batched = launch.maxBatchedTokens
  yield say(0.2, 'APIServer', 'scheduler.py:226', `Chunked prefill is enabled with max_num_batched_tokens=${batched}.`)
  const config = `model='${launch.model}', speculative_config=${pythonText(launch.speculative)}, tokenizer='${launch.model}', max_seq_len=${maxModelLen}, tensor_parallel_size=${launch.tensorParallel}, pipeline_parallel_size=${launch.pipelineParallel}, enforce_eager=${pythonText(launch.eager)}, served_model_name=${launch.servedNames[0]}`
  yield {
    ...say(4.5, 'EngineCore', 'core.py:102', `Initializing a V1 LLM engine (v${VERSION}) with config: ${config}`),
    claim: CONTEXT_BYTES,
  }
}

/** The ranks find each other, then each looks whether its node has the memory. */
export function* joinPhase({ launch }: Start): Generator<Step> {
  const speaker = engineSpeaker(launch)
  const ranks = ranksOf(launch)
  const { rank, master } = launch
  yield say(
    0.6,
    speaker,
    'parallel_state.py:1212',
    `world_size=${ranks} rank=${rank} local_rank=0 distributed_init_method=tcp://${master} backend=nccl`,
  )
  yield { seconds: 0, gate: 'join' }
  if (ranks > 1) yield say(0.8, speaker, 'pynccl.py:111', 'vLLM is using nccl==2.28.9')
  yield { seconds: 0.4, gate: 'free-memory' }
  yield say(
    0,
    speaker,
    'parallel_state.py:1423',
    `rank ${rank} in world size ${ranks} is assigned as DP rank 0, PP rank 0, PCP rank 0, TP rank ${rank}, EP rank 0`,
  )
}
