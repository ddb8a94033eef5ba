import type { DeclaredKind } from './cluster'
import { commonSchema, serviceProperties } from './common-schema'

export type JsonSchema = Record<string, unknown>

/**
 * The JSON Schema (2020-12) of the whole file: the common part, and each kind's own fields beside them.
 * @throws {TypeError} when a kind redefines a common field.
 */
export function configSchema(kinds: readonly DeclaredKind[]): JsonSchema {
  const names = kinds.map(({ kind }) => kind)
  const service = {
    type: 'object',
    required: ['kind'],
    properties: { kind: { description: 'What kind of service this is.', enum: names } },
    // One branch a kind, chosen by `kind` alone: a mistake inside a service is reported once, by its own branch.
    allOf: kinds.map(({ kind }) => ({
      if: { properties: { kind: { const: kind } }, required: ['kind'] },
      then: { $ref: `#/$defs/kind-${kind}` },
    })),
  }
  const { $defs, ...common } = commonSchema
  const own = Object.fromEntries(kinds.map((kind) => [`kind-${kind.kind}`, kindSchema(kind)]))
  return { ...common, $defs: { ...$defs, service, ...own } }
}

function kindSchema({ kind, summary, defaultPort, manyHosts, schema }: DeclaredKind): JsonSchema {
  const taken = Object.keys(schema.properties).filter((name) => name !== 'model' && name in serviceProperties)
  if (taken.length > 0)
    throw new TypeError(`kind ${kind}: redefines ${taken.join(', ')}; these belong to every service`)
  const shared = Object.keys(serviceProperties).filter((name) => manyHosts || name !== 'hosts')
  const properties: Record<string, object> = {
    kind: { const: kind, description: summary },
    ...Object.fromEntries(shared.map((name) => [name, { $ref: `#/$defs/common/properties/${name}` }])),
    ...schema.properties,
  }
  if (defaultPort) properties.port = { ...properties.port, default: defaultPort }
  return {
    type: 'object',
    description: summary,
    required: ['kind', ...(defaultPort === undefined ? ['port'] : []), ...(schema.required ?? [])],
    properties,
    unevaluatedProperties: false,
  }
}
