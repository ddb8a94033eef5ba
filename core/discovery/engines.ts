import { names, records, type Said } from './said'

/** One engine: what it is called, what would watch it, and how its answers give it away. */
export interface Engine {
  engine: string
  title: string
  kind: string
  probe?: string
  is(said: Said): boolean
  /** Where its models are told elsewhere than at `/v1/models`. */
  models?(said: Said): string[]
}

/** The paths that are asked; every row below reads only these. */
export const questions = [
  '/',
  '/v1/models',
  '/version',
  '/openapi.json',
  '/health',
  '/info',
  '/props',
  '/api/config',
  '/api/tags',
  '/api/v0/models',
  '/api/version',
  '/get_server_info',
  '/v1/metadata',
  '/v1/audio/voices',
  '/health/liveliness',
  '/system_stats',
  '/collections',
  '/v2',
]

// The first row that fits counts, so what copies another's answers stands before it.
export const engines: Engine[] = [
  {
    // It passes on what others answer, this one or another on the same network.
    engine: 'spark-control',
    title: 'Spark Control',
    kind: 'http',
    probe: '/health',
    is: ({ field }) => field('/openapi.json', 'info', 'title') === 'Spark Control',
    models: () => [],
  },
  {
    engine: 'comfyui',
    title: 'ComfyUI',
    kind: 'http',
    probe: '/system_stats',
    is: ({ field }) => isText(field('/system_stats', 'system', 'comfyui_version')) || comfyBefore2025(field),
    models: () => [],
  },
  {
    engine: 'open-webui',
    title: 'Open WebUI',
    kind: 'http',
    probe: '/health',
    // Its name can be changed, its list of features cannot.
    is: ({ field }) =>
      isText(field('/api/config', 'version')) && field('/api/config', 'features', 'enable_signup') !== undefined,
    models: () => [],
  },
  {
    engine: 'qdrant',
    title: 'Qdrant',
    kind: 'http',
    probe: '/readyz',
    is: ({ field }) =>
      Array.isArray(field('/collections', 'result', 'collections')) || /^qdrant\b/i.test(text(field('/', 'title'))),
    models: () => [],
  },
  {
    engine: 'ray',
    title: 'Ray dashboard',
    kind: 'http',
    probe: '/api/version',
    is: ({ field }) => isText(field('/api/version', 'ray_version')),
    models: () => [],
  },
  {
    engine: 'triton',
    title: 'Triton Inference Server',
    kind: 'http',
    probe: '/v2/health/ready',
    is: ({ field }) => field('/v2', 'name') === 'triton',
  },
  {
    engine: 'ollama',
    title: 'Ollama',
    kind: 'openai',
    is: ({ field }) => Array.isArray(field('/api/tags', 'models')) && isText(field('/api/version', 'version')),
    models: ({ field }) => names(records(field('/api/tags', 'models')).map(({ name }) => name)),
  },
  {
    engine: 'lm-studio',
    title: 'LM Studio',
    kind: 'openai',
    is: ({ field, owners }) =>
      records(field('/api/v0/models', 'data')).some(({ publisher }) => publisher !== undefined) ||
      owners.includes('organization_owner'),
  },
  {
    engine: 'llama-swap',
    title: 'llama-swap',
    kind: 'openai',
    is: ({ owners }) => owners.includes('llama-swap'),
  },
  {
    engine: 'llama.cpp',
    title: 'llama.cpp',
    kind: 'openai',
    is: ({ field, owners }) =>
      owners.includes('llamacpp') || field('/props', 'default_generation_settings') !== undefined,
  },
  {
    engine: 'sglang',
    title: 'SGLang',
    kind: 'openai',
    is: ({ field, owners }) => owners.includes('sglang') || isText(field('/get_server_info', 'model_path')),
  },
  {
    engine: 'tensorrt-llm',
    title: 'TensorRT-LLM',
    kind: 'openai',
    is: ({ owners }) => owners.includes('tensorrt_llm'),
  },
  {
    engine: 'tabbyapi',
    title: 'TabbyAPI',
    kind: 'openai',
    is: ({ owners }) => owners.includes('tabbyapi'),
  },
  {
    engine: 'nim',
    title: 'NVIDIA NIM',
    kind: 'openai',
    // Its models are owned by "vllm" where that is what works inside.
    is: ({ field }) => Array.isArray(field('/v1/metadata', 'modelInfo')),
  },
  {
    engine: 'litellm',
    title: 'LiteLLM',
    kind: 'openai',
    is: (said) =>
      /i'm alive/i.test(said.text('/health/liveliness')) ||
      /litellm/i.test(text(said.field('/openapi.json', 'info', 'title'))),
  },
  {
    engine: 'text-generation-inference',
    title: 'Text Generation Inference',
    kind: 'openai',
    is: ({ field }) => isText(field('/info', 'model_id')) && field('/info', 'max_total_tokens') !== undefined,
    models: ({ field }) => names([field('/info', 'model_id')]),
  },
  {
    engine: 'text-embeddings-inference',
    title: 'Text Embeddings Inference',
    kind: 'http',
    probe: '/health',
    is: ({ field }) => isText(field('/info', 'model_id')) && field('/info', 'max_client_batch_size') !== undefined,
    models: ({ field }) => names([field('/info', 'model_id')]),
  },
  {
    engine: 'infinity',
    title: 'Infinity',
    kind: 'http',
    probe: '/health',
    is: ({ owners, field }) =>
      owners.includes('infinity') || /\binfinity\b/i.test(text(field('/openapi.json', 'info', 'title'))),
  },
  {
    engine: 'vllm',
    title: 'vLLM',
    kind: 'vllm',
    // With a key set only /version and /health stay open.
    is: ({ field, owners, status }) =>
      isText(field('/version', 'version')) && (owners.includes('vllm') || status('/v1/models') === 401),
  },
  {
    engine: 'kokoro',
    title: 'Kokoro',
    kind: 'http',
    probe: '/health',
    is: (said) => speaks(said) && /kokoro/i.test(told(said)),
  },
  {
    engine: 'speech',
    title: 'a speech server',
    kind: 'http',
    probe: '/health',
    is: speaks,
  },
  {
    engine: 'parakeet',
    title: 'Parakeet',
    kind: 'http',
    probe: '/health',
    is: (said) => transcribes(said) && /parakeet|nemo\b/i.test(told(said)),
  },
  {
    engine: 'whisper',
    title: 'Whisper',
    kind: 'http',
    probe: '/health',
    is: (said) => transcribes(said) && /whisper/i.test(told(said)),
  },
  {
    engine: 'transcriber',
    title: 'a transcription server',
    kind: 'http',
    probe: '/health',
    is: transcribes,
  },
  {
    engine: 'openai',
    title: 'an OpenAI-compatible server',
    kind: 'openai',
    is: ({ field }) => Array.isArray(field('/v1/models', 'data')),
  },
]

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const text = (value: unknown): string => (isText(value) ? value.slice(0, 200) : '')

function comfyBefore2025(field: Said['field']): boolean {
  return isText(field('/system_stats', 'system', 'python_version')) && Array.isArray(field('/system_stats', 'devices'))
}

function speaks({ field, serves }: Said): boolean {
  return (
    Array.isArray(field('/v1/audio/voices', 'voices')) ||
    (serves('/v1/audio/speech') && !serves('/v1/chat/completions'))
  )
}

function transcribes({ serves, field }: Said): boolean {
  const paths = ['/v1/audio/transcriptions', '/audio/transcriptions', '/inference']
  return paths.some(serves) || isText(field('/health', 'recognizer'))
}

/** Where a small server says what it is. */
function told({ field, models }: Said): string {
  const health = ['model', 'default_model', 'service', 'backend'].map((key) => text(field('/health', key)))
  return [text(field('/openapi.json', 'info', 'title')), ...models, ...health].join(' ')
}
