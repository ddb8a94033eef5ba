import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { modelField, withModel } from './model-field'

test('modelField() finds what JSON.parse finds, in any object', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.oneof(fc.string(), fc.constant('model')), fc.jsonValue()),
      fc.boolean(),
      (object, pretty) => {
        const text = JSON.stringify(object, null, pretty ? 2 : 0)
        const { model } = JSON.parse(text) as { model?: unknown }
        expect(modelField(text)?.model).toEqual(typeof model === 'string' ? model : undefined)
      },
    ),
    { numRuns: 500 },
  )
})

test('withModel() changes the model and nothing else', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.string(), (rest, before, after) => {
      const text = JSON.stringify({ ...rest, model: before })
      const field = modelField(text)
      expect(field?.model).toBe(before)
      if (field) expect(JSON.parse(withModel(text, field, after))).toEqual({ ...JSON.parse(text), model: after })
    }),
  )
})

test('modelField() is not led astray by nested, escaped or doubled names', () => {
  expect(modelField('{"a":{"model":"x"},"model":"y"}')?.model).toBe('y')
  expect(modelField('{"a":"\\"model\\":\\"x\\"","model":"y"}')?.model).toBe('y')
  expect(modelField('{"model":"a","model":"b"}')?.model).toBe('b')
  expect(modelField('{"mod\\u0065l":"a"}')?.model).toBe('a')
  expect(modelField('{"messages":["model","x"]}')).toBeNull()
  expect(modelField('{"model":7}')).toBeNull()
  expect(modelField('[{"model":"x"}]')).toBeNull()
})

test('modelField() never throws', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void modelField(text)))
})
