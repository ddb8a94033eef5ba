/** A mark in vLLM's start-up log, where it stands in the load (0 to 1), and what it means to a person. */
interface Mark {
  pattern: RegExp
  at: number
  until: number
  words: string
}

// In the order of vLLM's log (spark-runtimes §4.9); not every build prints every one.
const marks: Mark[] = [
  { pattern: /vLLM API server version|non-default args/, at: 0.01, until: 0.03, words: 'starting' },
  {
    pattern: /Resolved architecture|Using max model len/,
    at: 0.03,
    until: 0.05,
    words: 'reading the model’s configuration',
  },
  { pattern: /world_size=|vLLM is using nccl/, at: 0.05, until: 0.08, words: 'connecting the Sparks' },
  { pattern: /Starting to load model/, at: 0.08, until: 0.08, words: 'loading weights' },
  {
    pattern: /Loading safetensors (?:checkpoint shards|using \w+ loader):\s+(\d+)%/,
    at: 0.08,
    until: 0.55,
    words: 'loading weights',
  },
  { pattern: /Loading drafter model/, at: 0.55, until: 0.58, words: 'loading the drafter' },
  { pattern: /Loading weights took|Model loading took/, at: 0.6, until: 0.6, words: 'weights loaded' },
  {
    pattern:
      /torch_compile_cache|Dynamo bytecode transform|Compiling a graph|torch\.compile took|Directly load the compiled/,
    at: 0.62,
    until: 0.78,
    words: 'compiling',
  },
  {
    pattern:
      /profiling\/warmup run|Profiling CUDA graph memory|Available KV cache memory|GPU KV cache size|Maximum concurrency/,
    at: 0.78,
    until: 0.85,
    words: 'sizing the cache',
  },
  { pattern: /\[Autotuner\]/, at: 0.85, until: 0.9, words: 'tuning kernels' },
  { pattern: /Capturing CUDA graphs[^%]*?(\d+)%/, at: 0.9, until: 0.97, words: 'capturing graphs' },
  { pattern: /Graph capturing finished/, at: 0.97, until: 0.97, words: 'graphs captured' },
  { pattern: /init engine \(profile/, at: 0.98, until: 0.98, words: 'engine ready' },
  { pattern: /Application startup complete|Uvicorn running on/, at: 1, until: 1, words: 'serving' },
]

export interface LoadPoint {
  /** 0 to 1. */
  progress: number
  words: string
}

/** How far one log line says the load is, or null when it says nothing of it. */
export function loadPoint(line: string): LoadPoint | null {
  for (const { pattern, at, until, words } of marks) {
    const match = pattern.exec(line)
    if (!match) continue
    const share = match[1] === undefined ? 0 : Math.min(100, Number(match[1])) / 100
    return { progress: at + (until - at) * share, words }
  }
  return null
}

// CSI and OSC sequences, then what is left of control characters, and marks that turn text around.
const escapes = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b./g
const control = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** Cuts raw log text into clean lines; a progress bar that redraws itself by `\r` becomes its latest state. */
export function cleanLines(text: string): string[] {
  return text.split('\n').map((line) => {
    const drawn = line.replace(/\r+$/, '')
    return drawn
      .slice(drawn.lastIndexOf('\r') + 1)
      .replace(escapes, '')
      .replace(control, '')
      .slice(0, 2000)
  })
}
