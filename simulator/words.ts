/**
 * Takes shell text apart into the words it was made of; knows the quoting of core/cluster/shell.ts alone.
 * @throws {Error} on any other text
 */
export function wordsIn(text: string): string[] {
  const pieces = /'([^']*)'|\\(')|([A-Za-z0-9_@%+=:,./-]+)|( )/y
  const words: string[] = []
  let word: string | null = null
  while (pieces.lastIndex < text.length) {
    const at = pieces.lastIndex
    const match = pieces.exec(text)
    if (!match) throw new Error(`words: cannot read ${text.slice(at, at + 40)}`)
    const [, quoted, quote, plain, blank] = match
    if (blank !== undefined) {
      if (word !== null) words.push(word)
      word = null
    } else {
      word = (word ?? '') + (quoted ?? quote ?? plain ?? '')
    }
  }
  if (word !== null) words.push(word)
  return words
}
