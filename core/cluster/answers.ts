import { plainText } from './plain-text'

/** What a host said in an examination, by name; every value is one foreign line. */
export interface Answers {
  /** The first value of that name, or an empty text. */
  get(name: string): string
  all(name: string): string[]
  has(name: string): boolean
}

// A sound Spark stays far below; one that goes on for ever must not fill this controller's memory.
const mostLines = 10_000
const mostValues = 1000

/** Reads lines of `name<TAB>value`, no value longer than `longest`; at most 10 000 lines, and 1000 values of one name. */
export function answers(text: string, longest = 400): Answers {
  const said = new Map<string, string[]>()
  for (const line of text.split('\n', mostLines)) {
    const at = line.indexOf('\t')
    if (at <= 0) continue
    const name = line.slice(0, at)
    const values = said.get(name) ?? []
    if (values.length < mostValues) values.push(plainText(line.slice(at + 1), longest))
    said.set(name, values)
  }
  return {
    get: (name) => said.get(name)?.[0] ?? '',
    all: (name) => said.get(name) ?? [],
    has: (name) => said.has(name),
  }
}
