import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseTemplate, pythonText, renderTemplate, templateNames } from './template'

const render = (template: string, values = {}) => renderTemplate(parseTemplate(template), values)

describe('parseTemplate()', () => {
  test.each([
    ['a {b} c', { b: 1 }, 'a 1 c'],
    ['{{"a":{n},"b":{{}}}}', { n: 3 }, '{"a":3,"b":{}}'],
    ['{{{a}}}', { a: 'x' }, '{x}'],
    ['{a}{a}', { a: true }, 'TrueTrue'],
    ['{a}', { a: '{b}' }, '{b}'],
    ['', {}, ''],
  ])('%s', (template, values, text) => {
    expect(render(template, values)).toBe(text)
  })

  test.each([
    ['a { b', 'has a lone "{"; double it: "{{"'],
    ['a } b', 'has a lone "}"; double it: "}}"'],
    ['{"a": 1}', 'has the placeholder {"a": 1}; write {name}, or double the braces where they are meant'],
    ['{}', 'has the placeholder {}'],
    ['{0}', 'has the placeholder {0}'],
    ['{a.b}', 'has the placeholder {a.b}'],
    ['{a!r}', 'has the placeholder {a!r}'],
    ['{a:>3}', 'has the placeholder {a:>3}'],
  ])('refuses %s', (template, problem) => {
    expect(() => parseTemplate(template)).toThrow(problem)
  })

  test('any text with its braces doubled renders to itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', 'a', ' ', '"') }), (text) => {
        expect(render(text.replaceAll(/[{}]/g, (brace) => brace + brace))).toBe(text)
      }),
    )
  })
})

test('renderTemplate() names what is available when a value is missing', () => {
  expect(() => render('{tp}', { port: 1, host: 'x' })).toThrow(
    'asks for {tp}; set it under defaults; available: host, port',
  )
  expect(() => render('{toString}', {})).toThrow('asks for {toString}')
})

test('renderTemplate() stops at what no program could be given', () => {
  expect(() => render('{a}'.repeat(1000), { a: 'x'.repeat(1000) })).toThrow('is longer than 128 kB')
})

test('templateNames() names each placeholder once', () => {
  expect(templateNames(parseTemplate('{a} {b} {a} {{c}}'))).toEqual(['a', 'b'])
})

test('pythonText() writes what Python would', () => {
  expect([true, false, 0.7, 262144, 'auto'].map(pythonText)).toEqual(['True', 'False', '0.7', '262144', 'auto'])
})
