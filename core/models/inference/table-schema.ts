import { quantisationTraits } from './tables'

const text = { type: 'string', minLength: 1 }
const why = { reason: { ...text, minLength: 10 }, source: text }
const traits = ['architecture', 'model_type', 'repo', 'moe', 'vision', 'mtp', 'quantisation', 'kind']
const conditions = {
  type: 'object',
  minProperties: 1,
  propertyNames: { enum: [...traits, ...quantisationTraits] },
  additionalProperties: text,
}
const setting = {
  type: 'object',
  required: ['reason', 'source'],
  oneOf: [{ required: ['flag'] }, { required: ['env', 'value'] }],
  additionalProperties: false,
  properties: {
    flag: { type: 'string', pattern: '^--[a-z][a-z0-9-]*$' },
    env: { type: 'string', pattern: '^[A-Z][A-Z0-9_]*$' },
    value: { type: ['string', 'number', 'null', 'object'] },
    when: conditions,
    confidence: { enum: ['sure', 'likely', 'guess'] },
    ...why,
  },
}
const image = {
  type: 'object',
  required: ['image'],
  additionalProperties: false,
  properties: {
    image: { type: 'string', pattern: '^[a-z0-9][a-z0-9._/:-]*$' },
    runtime: { enum: ['launch-cluster', 'docker'] },
  },
}
const strings = { type: 'array', items: text }

/** JSON Schema of `families.yaml`, `quantisations.yaml` and `models.yaml`. */
export const rulesSchema = {
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    required: ['id', 'name', 'match', 'reason', 'source'],
    additionalProperties: false,
    properties: {
      id: { type: 'string', pattern: '^[a-z0-9][a-z0-9.-]*$' },
      name: text,
      match: { type: 'array', minItems: 1, items: conditions },
      settings: { type: 'array', items: setting },
      images: { type: 'array', minItems: 1, items: image },
      mods: strings,
      build_args: strings,
      solo_only: { type: 'boolean' },
      kind: { enum: ['chat', 'embed', 'rerank'] },
      context: { type: 'integer', minimum: 1 },
      problem: text,
      ...why,
    },
  },
}

/** JSON Schema of `sizes.yaml`. */
export const sizesSchema = {
  type: 'object',
  required: ['room', 'steps', 'per_host', 'context', 'unknown', 'image'],
  additionalProperties: false,
  properties: {
    room: {
      type: 'object',
      required: ['share', 'overhead_gib', 'kv_gib', 'reason', 'source'],
      additionalProperties: false,
      properties: {
        share: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
        overhead_gib: { type: 'number', minimum: 0 },
        kv_gib: { type: 'number', minimum: 0 },
        ...why,
      },
    },
    steps: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['nodes', 'parallel', 'reason', 'source'],
        additionalProperties: false,
        properties: {
          nodes: { type: 'integer', minimum: 1 },
          parallel: { enum: ['none', 'tensor', 'pipeline'] },
          ...why,
        },
      },
    },
    per_host: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['up_to_gib', 'settings'],
        additionalProperties: false,
        properties: { up_to_gib: { type: ['number', 'null'] }, settings: { type: 'array', items: setting } },
      },
    },
    context: {
      type: 'object',
      required: ['cap', 'reason', 'source'],
      additionalProperties: false,
      properties: { cap: { type: 'integer' }, ...why },
    },
    unknown: { type: 'array', items: setting },
    image: {
      type: 'object',
      required: ['image', 'reason', 'source'],
      additionalProperties: false,
      properties: { ...image.properties, ...why },
    },
  },
}
