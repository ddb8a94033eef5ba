import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { splitWords } from './words'

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`
const text = fc.string({ unit: 'binary' }).filter((word) => !word.includes('\0'))

describe('splitWords()', () => {
  test.each<[string, string[]]>([
    ['', []],
    [' \n\t ', []],
    ['vllm serve a/b --port 1', ['vllm', 'serve', 'a/b', '--port', '1']],
    ['a \\\n  b \\\n  c\n', ['a', 'b', 'c']],
    ['a\\\nb', ['ab']],
    [`a 'b c' "d e" f' 'g`, ['a', 'b c', 'd e', 'f g']],
    [`'' ""`, ['', '']],
    ['"a\\"b\\\\c\\d\\$e"', ['a"b\\c\\d$e']],
    ['"a\\\nb"', ['ab']],
    ["'a\\b\nc'", ['a\\b\nc']],
    ['a\\ b \\; \\#', ['a b', ';', '#']],
    ['a # a comment ; with | marks\n', ['a']],
    ['# first\na b#c', ['a', 'b#c']],
    ['\n\n# first\n\na b\n\n# last\n', ['a', 'b']],
    [`--config '{"a": [1]}'`, ['--config', '{"a": [1]}']],
    [`a=$'b'`, ['a=$b']],
  ])('%p reads %p', (input, words) => {
    expect(splitWords(input)).toEqual(words)
  })

  test('expands nothing', () => {
    expect(splitWords('$HOME "${HOME}" `date` * ? [a] ~/x {a,b} !x')).toEqual([
      '$HOME',
      '${HOME}',
      '`date`',
      '*',
      '?',
      '[a]',
      '~/x',
      '{a,b}',
      '!x',
    ])
  })

  test.each([
    ['a; b', 'has an unquoted ";"; quote it: a recipe\'s command is one program call'],
    ['a | b', 'has an unquoted "|"'],
    ['a && b', 'has an unquoted "&"'],
    ['a > /dev/null', 'has an unquoted ">"'],
    ['a 2>&1', 'has an unquoted ">"'],
    ['$(reboot)', 'has an unquoted "("'],
    ['a <(b)', 'has an unquoted "<"'],
    ['a\nb', 'line 2 starts a second command; end the line before it with a backslash'],
    ['a \\\n# comment\n  b', 'line 3 starts a second command'],
    ["a 'b", "has a ' without its pair; close the quote of line 1"],
    ['a\\\n "b', 'has a " without its pair; close the quote of line 2'],
    ['a \\', 'ends in a lone backslash'],
    ['a\0b', 'holds a NUL'],
  ])('%p: %s', (input, problem) => {
    expect(() => splitWords(input)).toThrow(problem)
  })

  test('any list of words, quoted, comes back', () => {
    fc.assert(fc.property(fc.array(text), (words) => expect(splitWords(words.map(quote).join(' '))).toEqual(words)))
  })

  test('reads as sh reads, wherever sh expands nothing', () => {
    // No $, backtick, glob or brace: these a shell would expand. No operator outside quotes: these are refused.
    const plain = fc.string({ unit: fc.constantFrom(...'ab=/.,:%@+-_1 \t\\"\'#\n'), maxLength: 12 })
    const pieces = fc.oneof(
      plain,
      text.map(quote),
      fc.constantFrom('"a\\"b"', '"a;|&<>()b"', "';'", '\\;', '\\\n', ' # c\n', '"x\\\ny"', '\\ ', "''", '""'),
    )
    const inputs = fc.array(pieces, { maxLength: 8 }).map((all) => `: ${all.join('')}`)
    fc.assert(
      fc.property(inputs, (input) => {
        const mine = attempt(() => splitWords(input))
        if (mine === null) return
        expect(mine).toEqual(shellWords(input))
      }),
      { numRuns: 150 },
    )
  })
})

function attempt<T>(run: () => T): T | null {
  try {
    return run()
  } catch {
    return null
  }
}

/** What a real shell makes of the same text. */
function shellWords(input: string): string[] {
  const script = `p() { for a; do printf '%s\\0' "$a"; done; }\np ${input}`
  const { stdout } = Bun.spawnSync(['sh', '-c', script], { env: { LC_ALL: 'C' } })
  return stdout.toString().split('\0').slice(0, -1)
}
