const PIECE = /\s?\p{L}{1,6}|\s?\p{N}{1,3}|\s?[^\s\p{L}\p{N}]|\s+/gu

/** A stand-in tokenizer: pieces of words, each with a stable id below the size of the vocabulary. */
export interface Tokenizer {
  count(text: string): number
  encode(text: string): number[]
  /** Knows the ids that it has handed out. */
  decode(ids: readonly number[]): string
}

/** The pieces of a text; put together again they are the text. */
export function splitTokens(text: string): string[] {
  return text.match(PIECE) ?? []
}

/** A tokenizer that forgets nothing it has encoded. */
export function createTokenizer(vocabulary: number): Tokenizer {
  const pieces = new Map<number, string>()

  function idOf(piece: string) {
    let id = hash(piece) % vocabulary
    for (let known = pieces.get(id); known !== undefined && known !== piece; known = pieces.get(id))
      id = (id + 1) % vocabulary
    pieces.set(id, piece)
    return id
  }

  return {
    count: (text) => splitTokens(text).length,
    encode: (text) => splitTokens(text).map(idOf),
    decode: (ids) => ids.map((id) => pieces.get(id) ?? '').join(''),
  }
}

/** FNV-1a, 32 bits, unsigned. */
export function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value >>> 0
}
