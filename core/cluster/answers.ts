import { plainText } from './plain-text'

/** What a host said in an examination, by name; every value is one foreign line. */
export interface Answers {
  /** The first value of that name, or an empty text. */
  get(name: string): string
  all(name: string): string[]
  has(name: string): boolean
}

/** Reads lines of `name<TAB>value`, no value longer than `longest`. */
export function answers(text: string, longest = 400): Answers {
  const said = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const at = line.indexOf('\t')
    if (at <= 0) continue
    const name = line.slice(0, at)
    const value = plainText(line.slice(at + 1), longest)
    said.set(name, [...(said.get(name) ?? []), value])
  }
  return {
    get: (name) => said.get(name)?.[0] ?? '',
    all: (name) => said.get(name) ?? [],
    has: (name) => said.has(name),
  }
}
