/** Length of a vector, as bge-m3 has it. */
export const DIMENSIONS = 1024

const GRAMS = [3, 4, 5]
/** Whole words say more than parts of them; function words say nearly nothing. */
const WEIGHTS = { word: 1, pair: 0.6, gram: 0.35, common: 0.15 }
const COMMON = new Set(
  'a about an and are as at be been but by can did do does for from had has have how i if in into is it its may of on or our so some such than that the their them then there these they this those to up us was we were what when where which while who why will with would you your'.split(
    ' ',
  ),
)

/**
 * A vector for a text by signed feature hashing of its words, word pairs and parts of words, with sub-linear weights and
 * length 1: texts that share words or stems are near each other. The empty text gives a fixed vector.
 */
export function embed(text: string, dimensions = DIMENSIONS): Float32Array {
  const vector = new Float32Array(dimensions)
  for (const [feature, weight] of features(text)) {
    const code = hash(feature)
    const index = code % dimensions
    // The sign comes from a bit that the index does not use, so that colliding features cancel out on average.
    vector[index] = (vector[index] ?? 0) + (code & 0x80000000 ? weight : -weight)
  }
  return normalised(vector)
}

/** Words of a text, lower case, without accents. */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
}

function features(text: string): Map<string, number> {
  const counts = new Map<string, { count: number; weight: number }>()
  const add = (feature: string, weight: number) => {
    const seen = counts.get(feature)
    if (seen) seen.count++
    else counts.set(feature, { count: 1, weight })
  }
  const words = wordsOf(text)
  for (const [index, word] of words.entries()) {
    const common = COMMON.has(word)
    add(`w ${word}`, common ? WEIGHTS.common : WEIGHTS.word)
    const next = words[index + 1]
    if (next) add(`p ${word} ${next}`, common || COMMON.has(next) ? WEIGHTS.common : WEIGHTS.pair)
    if (common) continue
    const padded = ` ${word} `
    for (const size of GRAMS) {
      for (let at = 0; at + size <= padded.length; at++) add(`g ${padded.slice(at, at + size)}`, WEIGHTS.gram)
    }
  }
  return new Map([...counts].map(([feature, { count, weight }]) => [feature, weight * (1 + Math.log(count))]))
}

function normalised(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  if (length === 0) return vector.fill(1 / Math.sqrt(vector.length))
  return vector.map((value) => value / length)
}

/** FNV-1a with a final mix, so that high and low bits are both good; 32 bits, unsigned. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
