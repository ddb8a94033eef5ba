/**
 * The value of a flag in an argument list; the last one wins, and `_` reads as `-`, both as in vLLM.
 * @param names every way to write it, with dashes: `['-tp', '--tensor-parallel-size']`
 * @returns '' for a flag without a value at the end of the list, undefined where it is not set
 */
export function flagValue(argv: readonly string[], names: readonly string[]): string | undefined {
  let value: string | undefined
  for (const [index, word] of argv.entries()) {
    const [name = '', given] = splitOnce(word)
    if (names.includes(name.replaceAll('_', '-'))) value = given ?? argv[index + 1] ?? ''
  }
  return value
}

function splitOnce(word: string): [string, string | undefined] {
  const equals = word.indexOf('=')
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)]
}
