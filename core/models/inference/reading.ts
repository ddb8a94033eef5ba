/** A field of what may be an object; undefined where it is none or has no such field of its own. */
export function field(value: unknown, name: string): unknown {
  const object = record(value)
  return object && Object.hasOwn(object, name) ? object[name] : undefined
}

/** The value as an object, or null. */
export function record(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

/** The value as a list; an empty one where it is none. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** Text of one line in printable ASCII, cut at 120 characters, or null; a number is text too. */
export function text(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const printable = String(value)
    .slice(0, 120)
    .replace(/[^\x20-\x7e]/g, '?')
  return printable === '' ? null : printable
}

/** A whole number from 1 to ten million, or null: nothing in a model's shape that is asked for is larger. */
export function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 10_000_000 ? value : null
}
