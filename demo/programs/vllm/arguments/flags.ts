/** How a flag of `vllm serve` takes its value. */
export type FlagKind = 'text' | 'integer' | 'count' | 'number' | 'json' | 'switch' | 'list'

/** One flag: `count` reads 32k and 32K as vLLM does, `switch` has a `--no-` twin, `list` takes several words. */
export interface Flag {
  name: string
  kind: FlagKind
  choices?: readonly string[]
}

const NAMES: Record<FlagKind, string> = {
  text: `host uds root-path model tokenizer revision code-revision tokenizer-revision download-dir hf-config-path hf-token
    config-format load-format quantization attention-backend moe-backend linear-backend mamba-backend all2all-backend
    mamba-ssm-cache-dtype mamba-cache-dtype mamba-cache-mode tokenizer-mode chat-template chat-template-content-format
    tool-call-parser tool-parser-plugin reasoning-parser reasoning-parser-plugin master-addr data-parallel-address
    generation-config mm-encoder-tp-mode mm-encoder-attn-backend mm-processor-cache-type mxfp4-backend mxfp4-layers uvicorn-log-level
    ssl-keyfile ssl-certfile ssl-ca-certs allowed-local-media-path logits-processors response-role log-config-file
    performance-mode optimization-level scheduling-policy prefix-caching-hash-algo config`,
  integer: `port tensor-parallel-size pipeline-parallel-size data-parallel-size data-parallel-size-local
    decode-context-parallel-size nnodes node-rank master-port data-parallel-rpc-port max-num-seqs block-size seed
    max-cudagraph-capture-size num-gpu-blocks-override max-logprobs api-server-count max-lora-rank max-loras
    stream-interval max-log-len max-num-partial-prefills long-prefill-token-threshold mamba-block-size`,
  count: 'max-model-len max-num-batched-tokens kv-cache-memory-bytes',
  number:
    'gpu-memory-utilization gpu-memory-utilization-gb cpu-offload-gb swap-space mm-processor-cache-gb video-pruning-rate',
  json: `speculative-config compilation-config mm-processor-kwargs limit-mm-per-prompt hf-overrides additional-config
    override-generation-config default-chat-template-kwargs kv-transfer-config kv-events-config rope-scaling
    model-loader-extra-config structured-outputs-config media-io-kwargs attention-config kernel-config profiler-config
    override-attention-dtype pooler-config`,
  switch: `headless enable-prefix-caching enable-chunked-prefill async-scheduling trust-remote-code enforce-eager
    enable-auto-tool-choice language-model-only enable-sleep-mode enable-log-requests disable-log-requests
    disable-log-stats enable-expert-parallel enable-server-load-tracking disable-fastapi-docs enable-lora
    disable-uvicorn-access-log enable-prompt-tokens-details use-tqdm-on-load enable-eplb disable-custom-all-reduce
    calculate-kv-scales exclude-tools-when-tool-choice-none skip-mm-profiling enable-force-include-usage
    enable-request-id-headers enable-dbo disable-cascade-attn skip-tokenizer-init enable-prompt-embeds
    enable-flashinfer-autotune data-parallel-hybrid-lb data-parallel-external-lb enable-log-outputs
    disable-hybrid-kv-cache-manager enable-tokenizer-info-endpoint enable-per-request-metrics interleave-mm-strings enable-offline-docs`,
  list: 'served-model-name api-key allowed-origins middleware lora-modules cudagraph-capture-sizes',
}

const CHOICES: Record<string, readonly string[]> = {
  'kv-cache-dtype': ['auto', 'bfloat16', 'fp8', 'fp8_ds_mla', 'fp8_e4m3', 'fp8_e5m2', 'fp8_inc', 'nvfp4'],
  dtype: ['auto', 'bfloat16', 'float', 'float16', 'float32', 'half'],
  'distributed-executor-backend': ['external_launcher', 'mp', 'ray', 'uni'],
  runner: ['auto', 'draft', 'generate', 'pooling'],
  convert: ['auto', 'classify', 'embed', 'none', 'reward'],
}

/** One-dash names, and long ones of the same flag. */
export const aliases: Readonly<Record<string, string>> = {
  '-tp': '--tensor-parallel-size',
  '-pp': '--pipeline-parallel-size',
  '-dp': '--data-parallel-size',
  '-ep': '--enable-expert-parallel',
  '-q': '--quantization',
  '-sc': '--speculative-config',
  '-cc': '--compilation-config',
  '-ac': '--attention-config',
  '-n': '--nnodes',
  '-r': '--node-rank',
}

/** Every flag known to `vllm serve`, by its name without dashes. */
export const flags: ReadonlyMap<string, Flag> = new Map([
  ...Object.entries(NAMES).flatMap(([kind, names]) =>
    names.split(/\s+/).map((name) => [name, { name, kind: kind as FlagKind }] as const),
  ),
  ...Object.entries(CHOICES).map(([name, choices]) => [name, { name, kind: 'text', choices }] as const),
])
