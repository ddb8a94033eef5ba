import { repoPattern } from '../config/common-schema'
import { line, ownBlockSchema } from './own-block-schema'

const anyText = { pattern: '^[^\\u0000]*$', patternErrorMessage: 'remove the NUL' }
const name = { pattern: '^[A-Za-z_][A-Za-z0-9_]*$', patternErrorMessage: 'use letters, digits or underscores' }
const values = (description: string, text: object) => ({
  type: ['object', 'null'],
  description,
  propertyNames: name,
  additionalProperties: { type: ['string', 'number', 'boolean'], maxLength: 8192, ...text },
})

/** JSON Schema (2020-12) of a recipe: spark-vllm-docker v1, with our own fields in one block beside it. Keys it does not know are kept for others. */
export const recipeSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'recipe',
  description: 'One launchable model, in the format of spark-vllm-docker (recipe_version 1).',
  type: 'object',
  required: ['recipe_version', 'name'],
  properties: {
    recipe_version: { type: ['string', 'number'], description: 'Version of the format; "1".' },
    name: { type: 'string', description: 'Name on the page.', minLength: 1, maxLength: 200, ...line },
    description: { type: ['string', 'null'], description: 'What it is good for.', maxLength: 4096 },
    model: {
      type: ['string', 'null'],
      description: 'The model on Hugging Face, org/name; read from the command when left out.',
      pattern: repoPattern,
      patternErrorMessage: 'write it as org/name',
    },
    container: {
      type: 'string',
      description: 'Image tag of the container it runs in.',
      pattern: '^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$',
      patternErrorMessage: 'write an image tag, for example vllm-node',
    },
    command: {
      type: 'string',
      description:
        'One program call; {name} is filled from defaults, literal braces are doubled, nothing else is expanded.',
      minLength: 1,
      maxLength: 32768,
    },
    defaults: values('Values for the {placeholders} of the command; port and host come from the service.', anyText),
    env: values('Environment variables of the container.', line),
    mods: {
      type: ['array', 'null'],
      description: 'Folders (or .zip files) of spark-vllm-docker that are applied to the container before it starts.',
      items: {
        type: 'string',
        maxLength: 256,
        pattern: '^[A-Za-z0-9_~/](?!(.*/)?\\.\\.(/|$))[A-Za-z0-9._/+-]*$',
        patternErrorMessage: 'write a path such as mods/NAME, without ".."',
      },
    },
    build_args: {
      type: ['array', 'null'],
      description: 'How the image is built; Spark Control does not build images.',
      items: { type: ['string', 'number'] },
    },
    solo_only: { type: 'boolean', description: 'Refuses to run on more than one Spark.', default: false },
    cluster_only: { type: 'boolean', description: 'Refuses to run on one Spark alone.', default: false },
    spark_control: ownBlockSchema,
  },
  // A script says itself what it runs.
  if: {
    required: ['spark_control'],
    properties: {
      spark_control: { type: 'object', required: ['runtime'], properties: { runtime: { const: 'script' } } },
    },
  },
  else: {
    required: ['container', 'command'],
    properties: { container: { $ref: '#/properties/container' }, command: { $ref: '#/properties/command' } },
  },
}
