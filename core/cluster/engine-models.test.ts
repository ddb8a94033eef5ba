import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { engineModels } from './engine-models'

const read = (body: unknown, status = 200) => engineModels({ status, text: JSON.stringify(body), tookMs: 1 })

test('engineModels() tells what each model answers to and what it is', () => {
  const data = [{ id: 'llm', root: 'org/model' }, { id: 'other' }]
  expect(read({ data })).toEqual([
    { id: 'llm', root: 'org/model' },
    { id: 'other', root: 'other' },
  ])
  expect(read({ data: null })).toEqual([])
})

test('engineModels() throws where there is no list', () => {
  for (const body of [null, [], {}, { data: {} }]) expect(() => read(body)).toThrow('no list')
  expect(() => read({ data: [] }, 500)).toThrow('answered 500')
})

test('engineModels() keeps at most 64 names of at most 200 printable characters, whatever an engine lists', () => {
  const id = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.jsonValue(), fc.constant('x'.repeat(100_000)))
  const list = fc.array(fc.oneof(fc.jsonValue(), fc.record({ id, root: id })), { maxLength: 100 })
  fc.assert(
    fc.property(list, (data) => {
      const models = read({ data })
      expect(models.length).toBeLessThanOrEqual(64)
      for (const name of models.flatMap((model) => [model.id, model.root])) {
        expect(name.length).toBeWithin(1, 201)
        expect(name).not.toMatch(/[\x00-\x1f\x7f]/)
      }
    }),
  )
})
