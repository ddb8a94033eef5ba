import { CommandProblem } from './command-problem'

/**
 * Splits one command into its argument list as a POSIX shell reads words: quotes, backslash, backslash-newline, comments.
 * Nothing is expanded: `$`, backticks, globs and `~` stay as written, because no shell ever sees the result.
 * @throws {CommandProblem} when the text is more than one program call, or a quote is left open.
 */
export function splitWords(text: string): string[] {
  const words: string[] = []
  let word: string | null = null
  let ended = false
  let index = 0
  if (text.includes('\0')) throw new CommandProblem('holds a NUL', 'remove it')

  while (index < text.length) {
    const char = text.charAt(index)
    if (char === '\\' && text.charAt(index + 1) === '\n') index += 2
    else if (char === '\n' || char === ' ' || char === '\t') {
      endWord()
      if (char === '\n' && words.length > 0) ended = true
      index += 1
    } else if (char === '#' && word === null) index = lineEnd(index)
    else {
      if (ended)
        throw new CommandProblem(
          `line ${lineOf(index)} starts a second command`,
          'end the line before it with a backslash',
        )
      if (operators.has(char))
        throw new CommandProblem(`has an unquoted "${char}"`, "quote it: a recipe's command is one program call")
      if (char === "'") singleQuoted()
      else if (char === '"') doubleQuoted()
      else if (char === '\\') escaped()
      else add(char, 1)
    }
  }
  endWord()
  return words

  function add(piece: string, length: number) {
    word = (word ?? '') + piece
    index += length
  }

  function endWord() {
    if (word !== null) words.push(word)
    word = null
  }

  function lineEnd(from: number): number {
    const end = text.indexOf('\n', from)
    return end === -1 ? text.length : end
  }

  function lineOf(position: number): number {
    return text.slice(0, position).split('\n').length
  }

  function escaped() {
    if (index + 1 >= text.length) throw new CommandProblem('ends in a lone backslash', 'remove it')
    add(text.charAt(index + 1), 2)
  }

  function singleQuoted() {
    const end = text.indexOf("'", index + 1)
    if (end === -1) throw new CommandProblem("has a ' without its pair", `close the quote of line ${lineOf(index)}`)
    add(text.slice(index + 1, end), end + 1 - index)
  }

  function doubleQuoted() {
    const opened = index
    add('', 1)
    for (;;) {
      const char = text.charAt(index)
      const next = text.charAt(index + 1)
      if (char === '') throw new CommandProblem('has a " without its pair', `close the quote of line ${lineOf(opened)}`)
      if (char === '"') break
      if (char === '\\' && next === '\n') index += 2
      else if (char === '\\' && next !== '' && '$`"\\'.includes(next)) add(next, 2)
      else add(char, 1)
    }
    index += 1
  }
}

const operators = new Set([';', '|', '&', '<', '>', '(', ')'])
