import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseDocument } from './document'

const problemOf = (text: string) => {
  const { findings, value } = parseDocument(text, 'x.yaml')
  const [first] = findings
  return first ? `${first.line}:${first.column}: ${first.problem}` : value
}

const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
for (const [index, name] of [...'bcdefghi'].entries())
  bomb.push(`${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`)

describe('parseDocument()', () => {
  test.each<[string, string, unknown]>([
    ['a mapping', 'a: 1\nb: [x, null]\n', { a: 1, b: ['x', null] }],
    ['a byte order mark', '\ufeffa: 1', { a: 1 }],
    ['an anchor used once', 'a: &a {x: 1}\nb: *a', { a: { x: 1 }, b: { x: 1 } }],
    ['words that were booleans in YAML 1.1', 'a: no\nb: 017', { a: 'no', b: 17 }],
    ['a merge key, which is a plain key here', 'a: {<<: {x: 1}}', { a: { '<<': { x: 1 } } }],
    ['a number as key', '8888: x', { 8888: 'x' }],
  ])('reads %s', (_, text, value) => {
    expect(problemOf(text)).toEqual(value)
  })

  test.each<[string, string, string]>([
    ['a key set twice', 'a: 1\nb:\n  c: 1\n  c: 2', '4:3: "c" is set twice'],
    ['a key set twice in two spellings', 'a: 1\n"a": 2', '2:1: "a" is set twice'],
    ['an alias without an anchor', 'a: [1, *b]', '1:8: *b has no anchor'],
    ['an alias bomb', bomb.join('\n'), '1:1: excessive alias count indicates a resource exhaustion attack'],
    [
      'aliases of something long',
      `a: &a [${'x,'.repeat(900)}]\nb: [${'*a,'.repeat(90)}]`,
      '1:1: its aliases expand to too much',
    ],
    ['an alias of itself', 'a: &a [*a]', '1:1: its aliases expand to too much'],
    ['__proto__', 'a:\n  __proto__: {polluted: true}', '2:3: the key "__proto__" is not allowed'],
    ['constructor behind an alias', 'a: &a {constructor: 1}', '1:8: the key "constructor" is not allowed'],
    ['an unknown tag', 'a: !secret x', '1:4: unresolved tag: !secret'],
    ['tabs as indentation', 'a:\n\tb: 1', '2:1: tabs are not allowed as indentation'],
    [
      'an open bracket',
      'a: [1',
      '1:6: flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a second document', 'a: 1\n---\nb: 2', '2:1: a second document starts here'],
    ['YAML 1.1, where `no` is a boolean', '%YAML 1.1\n---\na: no', '1:1: is YAML 1.1'],
    ['a list as key', '? [a]\n: 1', '1:3: a key is not a plain word'],
    ['nothing', '# only a comment\n', '1:1: is empty'],
    ['more than 256 kB', `a: ${'x'.repeat(256 * 1024)}`, '1:1: is larger than 256 kB'],
    ['100 000 open brackets', '['.repeat(100_000), '1:65: is nested more than 64 levels deep'],
    ['100 000 nested entries', '- '.repeat(100_000), '1:128: is nested more than 64 levels deep'],
    [
      'indentation without end',
      Array.from({ length: 700 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      '64:65: is nested more than 64 levels deep',
    ],
    ['100 000 values', `[${'1,'.repeat(100_000)}]`, '1:20002: holds more than 20000 values'],
  ])('refuses %s', (_, text, problem) => {
    expect(problemOf(text)).toBe(problem)
  })

  test('__proto__ leaves every other object as it was', () => {
    parseDocument('__proto__: {polluted: true}', 'x.yaml')
    expect('polluted' in {}).toBe(false)
  })

  test('at() finds values and keys, through lists and aliases, and the nearest parent of what is not there', () => {
    const { at } = parseDocument('a: &x\n  b: [1, {c: 2}]\n  d:\ne: *x\n', 'x.yaml')
    expect(at(['a', 'b', 1, 'c'])).toEqual({ line: 2, column: 14 })
    expect(at(['a', 'b', 1, 'c'], 'key')).toEqual({ line: 2, column: 11 })
    expect(at(['a', 'd'])).toEqual({ line: 3, column: 3 })
    expect(at(['e', 'b', 0])).toEqual({ line: 2, column: 7 })
    expect(at(['a', 'b', 7])).toEqual({ line: 2, column: 3 })
    expect(at(['nowhere'])).toEqual({ line: 1, column: 1 })
  })

  test('never throws, whatever the text, and points inside it', () => {
    const marks = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      '- ',
      '? ',
      ': ',
      ',',
      '&a ',
      '*a',
      '!t ',
      '|',
      '>',
      '"',
      "'",
      '#',
      '\n',
      '  ',
      '%',
      '---\n',
      'k',
      '\\',
      '\t',
    )
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => new TextDecoder().decode(array))
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      bytes,
      fc.array(marks, { maxLength: 60 }).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const { value, findings, at } = parseDocument(text, 'x.yaml')
        expect(value === undefined).toBe(findings.length > 0)
        for (const { line, column } of [...findings, at([]), at(['a', 0], 'key')]) {
          expect(line).toBeGreaterThanOrEqual(1)
          expect(line).toBeLessThanOrEqual(text.split('\n').length)
          expect(column).toBeGreaterThanOrEqual(1)
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('what JSON can say reads the same', () => {
    const keys = fc.string().filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key))
    const tree = fc.letrec((tie) => ({
      node: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), fc.boolean(), tie('list'), tie('map')),
      list: fc.array(tie('node'), { maxLength: 4 }),
      map: fc.dictionary(keys, tie('node'), { maxKeys: 4, noNullPrototype: true }),
    }))
    fc.assert(
      fc.property(tree.map, (value) => {
        expect(parseDocument(JSON.stringify(value), 'x.yaml').value).toEqual(value)
      }),
    )
  })
})
