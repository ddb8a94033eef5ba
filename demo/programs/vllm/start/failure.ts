import type { Log, Speaker } from './log'

const SITE = '/usr/local/lib/python3.12/dist-packages'

/** What a rank says that waits for another one. */
export const STUCK =
  'No available shared memory broadcast block found in 60 seconds. This typically happens when some processes are hanging or doing some time-consuming work (e.g. compilation, weight/kv cache quantization).'

/** Raised where a start ends before the engine exists; `message` is what closes the traceback. */
export class StartError extends Error {}

/** A ValueError of the model's configuration, in the shape pydantic gives it. */
export function invalidConfig(problem: string): StartError {
  const lines = [
    'pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig',
    `  Value error, ${problem}`,
    '    For further information visit https://errors.pydantic.dev/2.12/v/value_error',
  ]
  return new StartError(lines.join('\n'))
}

/** A refusal of the server process, before or after the engine was started. */
export function printRefusal(log: Log, error: string): void {
  log.plain(
    'APIServer',
    [
      'Traceback (most recent call last):',
      '  File "/usr/local/bin/vllm", line 10, in <module>',
      `  File "${SITE}/vllm/entrypoints/cli/main.py", line 73, in main`,
      `  File "${SITE}/vllm/entrypoints/openai/api_server.py", line 1479, in run_server`,
      error,
    ].join('\n'),
  )
}

/** The engine fell while it started: the root cause first, then what every layer above makes of it. */
export function printEngineFailure(log: Log, speaker: Speaker, error: string): void {
  log.error(
    speaker,
    'core.py:866',
    [
      'EngineCore failed to start.',
      'Traceback (most recent call last):',
      `  File "${SITE}/vllm/v1/engine/core.py", line 857, in run_engine_core`,
      `  File "${SITE}/vllm/v1/worker/gpu_worker.py", line 210, in init_device`,
      error,
    ].join('\n'),
  )
  log.plain(speaker, `Process ${speaker}:\nTraceback (most recent call last):\n${error}`)
  if (speaker !== 'EngineCore' && speaker !== 'Worker_TP0') return
  printRefusal(log, 'RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}')
}

/** The engine fell while it served, because another rank is gone. */
export function printEngineDeath(log: Log, rank: number): void {
  log.info('EngineCore', 'shm_broadcast.py:501', STUCK)
  log.error(
    'EngineCore',
    'multiproc_executor.py:231',
    `Worker proc VllmWorker-${rank} died unexpectedly, shutting down executor.`,
  )
  log.error(
    'APIServer',
    'async_llm.py:693',
    [
      'AsyncLLM output_handler failed.',
      'Traceback (most recent call last):',
      `  File "${SITE}/vllm/v1/engine/core_client.py", line 894, in get_output_async`,
      'vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue. See stack trace (above) for the root cause.',
    ].join('\n'),
  )
}
