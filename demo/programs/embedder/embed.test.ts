import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { DIMENSIONS, embed } from './embed'

const nearness = (one: string, other: string) => {
  const [a, b] = [embed(one), embed(other)]
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)
}

test('a paraphrase is nearer than an unrelated text', () => {
  const texts = [
    ['How do I reset my password?', 'I forgot my password, how can it be reset?'],
    ['The invoice is due at the end of the month', 'Payment of the invoice is expected by month end'],
    ['Solar panels on the roof produce electricity', 'Electricity can be produced by rooftop solar panels'],
    ['The patient complained about headaches', 'A headache was what the patient came with'],
    ['Der Hund schläft im Garten', 'Im Garten schläft der Hund meistens'],
  ]
  for (const [text = '', paraphrase = ''] of texts) {
    for (const [, other = ''] of texts.filter(([one]) => one !== text)) {
      expect(nearness(text, paraphrase)).toBeGreaterThan(nearness(text, other) + 0.2)
    }
  }
})

test('every vector has length 1 and is the same each time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const vector = embed(text)
      expect(vector).toHaveLength(DIMENSIONS)
      expect(Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))).toBeCloseTo(1, 4)
      expect(embed(text)).toEqual(vector)
    }),
  )
})

test('case, accents and punctuation make no difference', () => {
  expect(nearness('Café crème!', 'cafe CREME')).toBeCloseTo(1, 4)
})
