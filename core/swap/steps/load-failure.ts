import type { JobError } from '../../jobs/job'

interface Signature {
  pattern: RegExp
  code: string
  message: string
  remedy: string
}

// The cause stands above the generic "engine core failed" line, so the specific ones come first (spark-runtimes §4.11).
const signatures: Signature[] = [
  {
    pattern:
      /Free memory on device \S+ \((?<free>[\d.]+)\/(?<total>[\d.]+) GiB\) on startup is less than desired GPU memory utilization \((?<share>[\d.]+), (?<want>[\d.]+) GiB\)/,
    code: 'memory_not_free',
    message: 'not enough free memory: $<want> GiB wanted, $<free> of $<total> GiB free',
    remedy: 'stop other services on that Spark, wait a minute for memory to come back, or lower gpu_memory_utilization',
  },
  {
    pattern: /max seq len \((?<len>\d+)\)[\s\S]*?(?:estimated maximum model length is (?<est>\d+)|$)/,
    code: 'context_too_long',
    message: 'the wanted context of $<len> tokens does not fit the memory (estimated maximum: $<est>)',
    remedy: 'lower max_model_len in the recipe to the estimated maximum',
  },
  {
    pattern: /No available memory for the cache blocks/,
    code: 'no_cache_memory',
    message: 'the weights leave no memory for the cache',
    remedy: 'raise gpu_memory_utilization or choose a smaller model',
  },
  {
    pattern: /torch\.OutOfMemoryError|CUDA out of memory/,
    code: 'out_of_memory',
    message: 'the GPU ran out of memory while loading',
    remedy: 'lower gpu_memory_utilization, max_num_seqs or max_model_len, or stop other services on that Spark',
  },
  {
    pattern: /oom-kill|Out of memory: Killed|NV_ERR_NO_MEMORY/i,
    code: 'out_of_memory',
    message: 'the Spark ran out of memory',
    remedy: 'stop other services there; if the Spark answers slowly, reboot it',
  },
  {
    pattern: /Address already in use/,
    code: 'port_in_use',
    message: 'the port is used by another program',
    remedy: 'find it with ss -ltnp on that Spark and stop it',
  },
  {
    pattern: /Docker image mismatch on worker|is not in sync/,
    code: 'image_mismatch',
    message: 'the Sparks hold different images',
    remedy: 'sync them: ./build-and-copy.sh --no-build -t IMAGE --copy-to WORKER',
  },
  {
    pattern: /Could not inspect image|Unable to find image|pull access denied|No such image/,
    code: 'image_missing',
    message: 'the container image is not on that Spark',
    remedy: 'build or pull it there: ./build-and-copy.sh',
  },
  {
    pattern: /Passwordless SSH to (?<ip>[\d.]+) failed/,
    code: 'worker_ssh',
    message: 'the head cannot reach $<ip> by SSH',
    remedy: 'let the head log in there without a password (ssh-copy-id)',
  },
  {
    pattern: /Local IP \(\S*\) is not in the list of nodes|No active IB interfaces|ibdev2netdev not found/,
    code: 'fabric',
    message: 'the launcher does not find the link between the Sparks',
    remedy: 'check the cable, the fabric addresses in spark.config.yaml, and the launcher’s .env',
  },
  {
    pattern: /requires (?<n>\d+) node\S* .*but only (?<m>\d+)/,
    code: 'too_few_nodes',
    message: 'the recipe wants $<n> Sparks, $<m> are configured',
    remedy: 'add hosts to the service or choose another recipe',
  },
  {
    pattern: /GatedRepoError|401 Client Error|Cannot access gated repo/,
    code: 'gated_repo',
    message: 'Hugging Face refuses this model without a token or an accepted licence',
    remedy: 'accept the licence on its page and set the token on the Spark',
  },
  {
    pattern: /LocalEntryNotFoundError|couldn't connect to|is not a local folder/,
    code: 'model_missing',
    message: 'the model is not on that Spark',
    remedy: 'download it or copy it there',
  },
  {
    pattern: /sm_121a|no kernel image is available|exec format error/,
    code: 'image_too_old',
    message: 'the image is not built for this GPU',
    remedy: 'use an image for ARM64 and CUDA 13',
  },
  {
    pattern: /Model architectures \[.*\] are not supported|does not recognize this architecture/,
    code: 'image_too_old',
    message: 'the vLLM in this image does not know the model',
    remedy: 'use a newer image',
  },
  {
    pattern: /FlashInfer kernels unavailable|Failed to run cutlass FP4/,
    code: 'kernel_missing',
    message: 'the image lacks a kernel that the model needs',
    remedy: 'set the marlin backend in the recipe or use a newer image',
  },
  {
    pattern: /appears path-like, but doesn't exist/,
    code: 'mod_missing',
    message: 'the chat template is not in the container',
    remedy: 'name the mod that brings it under mods in the recipe',
  },
  {
    pattern: /unrecognized arguments: (?<args>.{1,200})/,
    code: 'bad_argument',
    message: 'this vLLM does not know: $<args>',
    remedy: 'correct the recipe’s command or use another image',
  },
  {
    pattern: /error: argument (?<arg>\S{1,100}): (?<why>.{1,200})/,
    code: 'bad_argument',
    message: 'the argument $<arg> is wrong: $<why>',
    remedy: 'correct the recipe’s command',
  },
  {
    pattern: /Error response from daemon: (?<why>.{1,300})/,
    code: 'docker_failed',
    message: 'docker refused: $<why>',
    remedy: 'mend docker or the image on that Spark',
  },
  {
    pattern: /No space left on device/,
    code: 'disk_full',
    message: 'the disk of that Spark is full',
    remedy: 'free space there',
  },
  {
    pattern: /No available shared memory broadcast block|RayWorkerProc .* died|worker.*(?:lost|died)/i,
    code: 'worker_lost',
    message: 'one of the Sparks was lost while loading',
    remedy: 'look at the other Sparks; check loginctl enable-linger there',
  },
  {
    pattern: /ValueError: (?<why>.{1,300})/,
    code: 'refused_to_start',
    message: 'vLLM refused to start: $<why>',
    remedy: 'correct the recipe',
  },
  {
    pattern: /EngineDeadError|Engine core initialization failed|EngineCore encountered/,
    code: 'engine_failed',
    message: 'the engine failed to start',
    remedy: 'the cause stands further up in the log',
  },
  {
    pattern: /the container ended with code \d+ \(OOMKilled=true\)|the container ended with code 137\b/,
    code: 'out_of_memory',
    message: 'the engine was killed, for want of memory as it seems',
    remedy: 'stop other services on that Spark, or lower gpu_memory_utilization or max_model_len',
  },
  {
    pattern: /Permission denied.*docker|permission denied while trying to connect to the Docker/i,
    code: 'docker_refused',
    message: 'docker refuses the SSH user',
    remedy: 'add the user to the group docker on that Spark',
  },
  {
    pattern: /launch-cluster\.sh: (?:No such file|not found)|can't cd|No such file or directory/,
    code: 'launcher_missing',
    message: 'the launcher is not where the configuration says',
    remedy: 'correct hosts.*.launcher or install spark-vllm-docker there',
  },
  {
    pattern: /the container ended with code (?<code>\d+)/,
    code: 'load_failed',
    message: 'the container ended with code $<code> before the model was ready',
    remedy: 'read the last log lines; they usually name the cause',
  },
]

/** Says in plain words why a load failed, from its log; `exit` is the launcher's exit code where it ended. */
export function loadFailure(log: string, exit: number | null): JobError {
  for (const { pattern, code, message, remedy } of signatures) {
    const match = pattern.exec(log)
    if (match) return { code, message: fill(message, match.groups ?? {}), remedy }
  }
  const how = exit === null ? 'the engine ended' : `the launcher ended with code ${exit}`
  return {
    code: 'load_failed',
    message: `${how} before the model was ready`,
    remedy: 'read the last log lines; they usually name the cause',
  }
}

function fill(text: string, groups: Record<string, string | undefined>): string {
  return text.replace(/\$<(\w+)>/g, (_, name: string) => groups[name] ?? 'unknown')
}
