import { expect, test } from 'bun:test'
import { parseDocument } from './document'
import { formatFinding, schemaFindings } from './findings'
import { newValidator } from './validator'

function words(schema: object, text: string): string[] {
  const document = parseDocument(text, 'x.yaml')
  const validate = newValidator().compile(schema)
  validate(document.value)
  return schemaFindings(validate.errors ?? [], document, 'x.yaml', schema).map(formatFinding)
}

test.each<[string, object, string]>([
  ['1:4: a: expected integer, got string ("x"); write an integer', { type: 'integer' }, 'x'],
  ['1:4: a: expected number, got string ("1.5"); write 1.5 without quotes', { type: 'number' }, '"1.5"'],
  ['1:4: a: expected array, got string ("x"); write a list: [one, two]', { type: 'array', items: {} }, 'x'],
  ['1:4: a: expected string, got keys and values; write a string', { type: 'string' }, '{b: c}'],
  [
    '1:4: a: expected string or integer, got boolean (true); write a string or integer',
    { type: ['string', 'integer'] },
    'true',
  ],
  ['1:4: a: 5 is out of range; choose 4 or less', { type: 'integer', maximum: 4 }, '5'],
  ['1:4: a: 5 is out of range; choose 6 or more', { type: 'integer', minimum: 6 }, '5'],
  ['1:4: a: is too long; give at most 1', { type: 'array', items: {}, maxItems: 1 }, '[1, 2]'],
  ['1:4: a: is too short; give at least 2', { type: 'string', minLength: 2 }, 'x'],
  ['1:8: a.1: names one thing twice; remove one of the two', { type: 'array', items: {}, uniqueItems: true }, '[x, x]'],
  ['1:4: a: "x" is not "y"; write "y"', { const: 'y' }, 'x'],
  ['1:4: a: "x" is not allowed; it must match ^y$', { type: 'string', pattern: '^y$' }, 'x'],
  ['1:4: a: "x" is not allowed; write y', { type: 'string', pattern: '^y$', patternErrorMessage: 'write y' }, 'x'],
  ['1:4: a: "x" is not allowed; write y', { anyOf: [{ const: 'y' }], errorMessage: 'write y' }, 'x'],
  ['1:4: a: must be multiple of 2; see docs/CONFIG.md', { type: 'integer', multipleOf: 2 }, '3'],
])('x.yaml:%s', (line, a, text) => {
  expect(words({ type: 'object', properties: { a } }, `a: ${text}`)).toContain(`x.yaml:${line}`)
})

test('a long value is cut, and what would move the cursor of a terminal is not printed', () => {
  const [long] = words({ type: 'object', properties: { a: { const: 'y' } } }, `a: ${'x'.repeat(500)}`)
  expect(long?.length).toBeLessThan(120)
  const [sequence] = words({ type: 'object', additionalProperties: false }, '"\\e[2J": 1')
  expect(sequence).not.toContain('\u001b')
})

test('a file full of mistakes is reported up to the hundredth', () => {
  const text = Array.from({ length: 500 }, (_, index) => `k${index}: 1`).join('\n')
  expect(words({ type: 'object', additionalProperties: false }, text)).toHaveLength(100)
})
