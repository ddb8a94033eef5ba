import { line, ownBlockSchema } from './own-block-schema'

const texts = (description: string) => ({
  type: ['array', 'null'],
  description,
  maxItems: 64,
  items: { type: ['string', 'object'] },
})
const nodes = (description: string) => ({ type: ['integer', 'null'], description, minimum: 1, maximum: 64 })
const anything = { type: ['object', 'null'] }
const scalar = { type: ['string', 'number', 'boolean', 'null'], maxLength: 8192 }

/** JSON Schema (2020-12) of a recipe of sparkrun (recipe_version 2), as far as its values are read; keys it does not know are settings of its runtime. */
export const sparkrunSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'sparkrun recipe',
  description: 'One launchable model, in the format of sparkrun (recipe_version 2).',
  type: 'object',
  required: ['model'],
  properties: {
    recipe_version: { type: ['string', 'number'], description: 'Version of the format; "2".' },
    name: {
      type: ['string', 'null'],
      description: 'Name on the page; the file name when left out.',
      maxLength: 200,
      ...line,
    },
    description: { type: ['string', 'null'], description: 'What it is good for.', maxLength: 4096 },
    model: {
      type: 'string',
      description: 'The model on Hugging Face, org/name; of a GGUF also org/name:quantisation.',
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}(:[A-Za-z0-9._-]{1,64})?$',
      patternErrorMessage: 'write it as org/name',
    },
    model_revision: {
      type: ['string', 'null'],
      description: 'Branch, tag or commit of the model.',
      pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$',
      patternErrorMessage: 'write a branch, a tag or a commit',
    },
    runtime: { type: ['string', 'null'], description: 'What serves it.', maxLength: 64, ...line },
    runtime_version: scalar,
    mode: { enum: ['auto', 'solo', 'cluster', null], description: 'One Spark, several, or as there are.' },
    min_nodes: nodes('Sparks it needs.'),
    max_nodes: nodes('Sparks it can use.'),
    container: {
      type: ['string', 'null'],
      description: 'Image it runs in.',
      pattern: '^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$',
      patternErrorMessage: 'write an image, for example vllm-node',
    },
    defaults: {
      type: ['object', 'null'],
      description: 'Values for the {placeholders} of the command, or the flags themselves where there is no command.',
      maxProperties: 256,
    },
    env: {
      type: ['object', 'null'],
      description: 'Environment variables of the container.',
      propertyNames: {
        pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
        patternErrorMessage: 'use letters, digits or underscores',
      },
      additionalProperties: { type: ['string', 'number', 'boolean', 'null'], maxLength: 8192, ...line },
    },
    command: {
      type: ['string', 'null'],
      description: 'One program call; {name} is filled from defaults.',
      maxLength: 32768,
    },
    metadata: anything,
    runtime_config: anything,
    executor_config: {
      type: ['object', 'null'],
      description: 'Settings of the container.',
      properties: {
        auto_remove: { type: ['boolean', 'null'] },
        restart_policy: { type: ['string', 'null'] },
        privileged: { type: ['boolean', 'null'] },
        gpus: scalar,
        ipc: { type: ['string', 'null'] },
        shm_size: scalar,
        network: { type: ['string', 'null'] },
        user: scalar,
        entrypoint: { type: ['string', 'null'] },
      },
    },
    pre_exec: texts('Commands in the container before it serves.'),
    post_exec: texts('Commands in the container once it serves.'),
    post_commands: texts('Commands on the controlling machine once it serves.'),
    stop_after_post: { type: ['boolean', 'null'] },
    mods: { type: ['array', 'null'], maxItems: 64, items: { type: 'string', maxLength: 256 } },
    builder: { type: ['string', 'null'], maxLength: 64 },
    builder_config: anything,
    build_args: { type: ['array', 'null'], items: { type: ['string', 'number'] } },
    benchmark: anything,
    distribution_config: anything,
    cluster_only: { type: ['boolean', 'null'] },
    solo_only: { type: ['boolean', 'null'] },
    spark_control: ownBlockSchema,
  },
}
