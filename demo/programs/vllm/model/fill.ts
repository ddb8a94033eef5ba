/** As much of JSON Schema as structured answers and tool arguments need. */
export interface Schema {
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  minItems?: number
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  $ref?: string
  $defs?: Record<string, Schema>
  default?: unknown
  minimum?: number
}

/** A value that fits the schema, filled with the given words one after another. */
export function fillSchema(schema: Schema, words: readonly string[]): unknown {
  let next = 0
  return fill(schema, 0)

  function fill(part: Schema, depth: number): unknown {
    if (part.const !== undefined) return part.const
    if (part.enum) return part.enum[next++ % part.enum.length]
    if (part.$ref) return depth > 8 ? null : fill(schema.$defs?.[part.$ref.split('/').at(-1) ?? ''] ?? {}, depth + 1)
    const choice = part.anyOf?.[0] ?? part.oneOf?.[0] ?? part.allOf?.[0]
    if (choice) return fill(choice, depth + 1)
    const type = Array.isArray(part.type) ? part.type[0] : (part.type ?? (part.properties ? 'object' : 'string'))
    if (type === 'object') {
      return Object.fromEntries(
        Object.entries(part.properties ?? {}).map(([name, inner]) => [name, fill(inner, depth + 1)]),
      )
    }
    if (type === 'array') {
      return Array.from({ length: Math.max(1, part.minItems ?? 1) }, () => fill(part.items ?? {}, depth + 1))
    }
    if (type === 'integer' || type === 'number') return Math.max(part.minimum ?? 0, 1 + (next++ % 9))
    if (type === 'boolean') return next++ % 2 === 0
    if (type === 'null') return null
    return words[next++ % words.length] ?? ''
  }
}
