/** Where the top-level `model` of a JSON text stands, so that it alone can be replaced and every other byte kept. */
export interface ModelField {
  model: string
  /** Character range of the JSON string, quotes included. */
  start: number
  end: number
}

/**
 * Finds the top-level `model` of a JSON object.
 * Walks the text once without building anything: bodies hold images of many megabytes. The last of several wins, as in JSON.parse.
 * @returns null when the text is no object, or `model` is absent or not a string
 */
export function modelField(text: string): ModelField | null {
  let at = space(text, 0)
  if (text[at] !== '{') return null
  let found: ModelField | null = null
  let depth = 0
  let key: string | null = null
  let expectKey = true
  for (at++; at < text.length; at++) {
    const c = text.charCodeAt(at)
    if (c === 0x22) {
      const end = stringEnd(text, at)
      if (end < 0) return found
      if (depth === 0 && expectKey) {
        key = text.slice(at + 1, end)
        expectKey = false
      } else if (depth === 0 && (key === 'model' || (key?.includes('\\') && parsed(`"${key}"`) === 'model'))) {
        const model = parsed(text.slice(at, end + 1))
        found = typeof model === 'string' ? { model, start: at, end: end + 1 } : null
      }
      at = end
    } else if (c === 0x7b || c === 0x5b) depth++
    else if (c === 0x7d || c === 0x5d) {
      if (depth-- === 0) return found
    } else if (c === 0x2c && depth === 0) {
      expectKey = true
      key = null
    }
  }
  return found
}

/** The same text with another model name. */
export function withModel(text: string, field: ModelField, model: string): string {
  return text.slice(0, field.start) + JSON.stringify(model) + text.slice(field.end)
}

function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end > 0 && escaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

function escaped(text: string, at: number): boolean {
  let slashes = 0
  while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++
  return slashes % 2 === 1
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function space(text: string, at: number): number {
  while (at < text.length && ' \t\r\n'.includes(text[at] as string)) at++
  return at
}
