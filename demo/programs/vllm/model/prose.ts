import { hash } from './tokens'

// A placeholder such as [PERSON_1] or <EMAIL_2> is one word: callers put the originals back in.
const WORD = /\[[^[\]\s]+\]|<[^<>\s]+>|[\p{L}\p{N}][\p{L}\p{N}'_-]*/gu
const COMMON = new Set(
  'a an and are as at be but by can could do does for from give had has have he her his how i if in is it its me more my no not of on or our please say she so some such tell than that the their them then there they this to us was we were what when where which who why will with would write you your'.split(
    ' ',
  ),
)
const SENTENCES = [
  'The short answer on A is that it depends on B.',
  'A matters here because B and C belong together.',
  'First look at A, then compare it with B.',
  'In practice A works best when B is kept simple.',
  'There are two sides to A: what it costs and what B gains from it.',
  'Most people notice A only after C has changed.',
  'Good advice on A also says how B and C relate.',
  'It helps to write A down before C is decided.',
  'None of this rules out B, but A comes first.',
  'So the next step for A is to measure B once more.',
]

/** What a stand-in answer is made from. */
export interface ProseSource {
  /** Named at the start, so that a reader knows who answered. */
  model: string
  /** The text whose words are used. */
  about: string
  seed: number
  sentences: number
}

/** Plausible English about the words of a text; the same source gives the same text. */
export function answerText(source: ProseSource): string {
  const words = keywords(source.about)
  return `[${source.model}] You asked about ${listed(words.slice(0, 3))}. ${sentences(source, words).join(' ')}`
}

/** What a reasoning model thinks before it answers. */
export function thoughtText(source: ProseSource): string {
  const words = keywords(source.about)
  return `The user wants to know about ${listed(words.slice(0, 2))}. ${sentences({ ...source, sentences: 1 }, words.toReversed()).join(' ')}\n`
}

/** The words that carry a text's meaning, in order, each once; never empty. */
export function keywords(text: string): string[] {
  const found = [...new Set(text.slice(0, 20_000).match(WORD) ?? [])].filter((word) => !COMMON.has(word.toLowerCase()))
  return found.length > 0 ? found.slice(0, 40) : ['that']
}

function sentences({ model, about, seed, sentences: wanted }: ProseSource, words: string[]): string[] {
  const start = hash(`${model}\n${about}\n${seed}`)
  return Array.from({ length: wanted }, (_, index) => {
    const pattern = SENTENCES[(start + index * 7) % SENTENCES.length] ?? ''
    const pick = (step: number) => words[(start + index * 3 + step) % words.length] ?? ''
    return capital(pattern.replace(/\b[ABC]\b/g, (letter) => pick(letter.charCodeAt(0) - 65)))
  })
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function listed(words: string[]): string {
  const last = words.at(-1) ?? ''
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${last}` : last
}
