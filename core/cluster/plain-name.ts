import { plainText } from './plain-text'

/** A name that a foreign program gave: printable, of a length that a person would give; null where it is none. */
export function plainName(value: unknown): string | null {
  return typeof value === 'string' && value.length <= 200 ? plainText(value) || null : null
}
