import { capabilities } from '../config/names'

/** One line of text. */
export const line = {
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
  patternErrorMessage: 'write one line of text without control characters',
}

const words = (description: string) => ({
  type: 'array',
  description,
  minItems: 1,
  maxItems: 64,
  items: { type: 'string', minLength: 1, maxLength: 4096, ...line },
})

const docker = {
  type: 'object',
  description: 'How `docker run` starts it, for runtime docker.',
  additionalProperties: false,
  properties: {
    entrypoint: {
      type: ['string', 'null'],
      description:
        "Blank: the image's own is cleared, and the command names the program. keep: the image's own, which docker is asked for on the Spark at launch. Else a program. What the entrypoint ends with, as `vllm serve`, is left out of the command's beginning.",
      pattern: '^[A-Za-z0-9_/][A-Za-z0-9._/+-]{0,254}$',
      patternErrorMessage: 'write keep, or one program without arguments',
      default: null,
    },
    mounts: {
      type: 'array',
      description:
        "Files and folders as source:target or source:target:ro; a source that begins neither with / nor with ~/ lies in the launcher's folder.",
      maxItems: 32,
      items: {
        type: 'string',
        maxLength: 1024,
        pattern: '^(?!(.*[:/])?\\.\\.([:/]|$))[^\\u0000-\\u001f\\u007f:,]+:/[^\\u0000-\\u001f\\u007f:,]*(:ro)?$',
        patternErrorMessage: 'write source:/target or source:/target:ro, without ".." and without commas',
      },
    },
    shm: {
      type: ['string', 'null'],
      description: "Size of shared memory, as 16g; blank: the host's own.",
      pattern: '^[1-9][0-9]{0,8}(\\.[0-9]{1,3})?[bkmgBKMG]?[bB]?$',
      patternErrorMessage: 'write a size such as 16g',
      default: null,
    },
    network: {
      type: 'string',
      description: 'Network of the container.',
      pattern: '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$',
      patternErrorMessage: 'write host, or the name of a docker network',
      default: 'host',
    },
    privileged: { type: 'boolean', description: 'Gives it all devices and rights of the host.', default: false },
    gpus: {
      type: 'string',
      description: 'GPUs it sees.',
      pattern: '^(all|[0-9]{1,3}|device=[A-Za-z0-9,-]{1,64})$',
      patternErrorMessage: 'write all, a number, or device=0',
      default: 'all',
    },
    user: {
      type: ['string', 'null'],
      description: "User it runs as, as name or 1000:1000; blank: the image's own.",
      pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?$',
      patternErrorMessage: 'write a user, or user:group',
      default: null,
    },
    cache: {
      type: 'string',
      description: 'Where the image looks for the Hugging Face cache.',
      maxLength: 512,
      pattern: '^/(?!(.*/)?\\.\\.(/|$))[^\\u0000-\\u001f\\u007f:,]*$',
      patternErrorMessage: 'write an absolute path, without ".."',
      default: '/root/.cache/huggingface',
    },
  },
}

const place = {
  maxLength: 512,
  pattern: '^(/|~/)(?!(.*/)?\\.\\.(/|$))[^\\u0000-\\u001f\\u007f]*$',
  patternErrorMessage: 'write an absolute path or one that begins with ~/, without ".."',
}

const script = {
  type: 'object',
  description:
    "The owner's own commands, for runtime script; each is one program with its arguments, run on the head. {port} in a word is the service's port, a leading ~/ is the home.",
  additionalProperties: false,
  required: ['start', 'stop', 'status'],
  properties: {
    folder: { type: ['string', 'null'], description: 'Folder the commands run in; the home when left out.', ...place },
    start: words('Starts it: [program, argument, …]. It may stay or return.'),
    stop: words('Ends it; no error when it does not run.'),
    status: words(
      'Ends with exit code 0 as soon as it was started and while it runs, else with another below 125: by a pid file, or `pgrep -f`.',
    ),
    log: {
      type: ['string', 'null'],
      description: 'File its log goes to; what `start` prints when left out.',
      ...place,
    },
  },
}

/** The block `spark_control` of a recipe, whatever format stands around it. */
export const ownBlockSchema = {
  type: ['object', 'null'],
  description: 'What only Spark Control reads.',
  additionalProperties: false,
  properties: {
    capabilities: {
      type: 'array',
      description: 'What the model can do, as apps may name it in `model`.',
      items: { enum: [...capabilities] },
      uniqueItems: true,
    },
    title: {
      type: 'string',
      description: 'Name on the page instead of `name`.',
      minLength: 1,
      maxLength: 120,
      ...line,
    },
    known_issue: { type: 'string', description: 'What to know before launching it.', minLength: 1, maxLength: 1000 },
    runtime: {
      enum: ['launch-cluster', 'docker', 'script'],
      description:
        'How it is started: launch-cluster.sh of spark-vllm-docker, a plain `docker run`, or commands of your own.',
      default: 'launch-cluster',
    },
    docker,
    script,
    on_demand: {
      type: 'boolean',
      description:
        'A request that names it by recipe, repo or alias loads it, and may end a model that stands in its way.',
      default: false,
    },
    priority: {
      type: 'integer',
      description: 'What is loaded on demand ends no model of a higher priority.',
      minimum: -100,
      maximum: 100,
      default: 0,
    },
    min_loaded_s: {
      type: 'integer',
      description: 'Seconds for which it stays once it is loaded, whatever else is asked for on demand.',
      minimum: 0,
      maximum: 604800,
      default: 300,
    },
    idle_unload_s: {
      type: ['integer', 'null'],
      description: 'Seconds without a request after which it is unloaded; blank: never.',
      minimum: 1,
      maximum: 31536000,
      default: null,
    },
    keep: { type: 'boolean', description: 'Nothing that is loaded on demand ends it.', default: false },
  },
}
