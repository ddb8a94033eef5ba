import { expect, test } from 'bun:test'
import { kinds } from './load.fixtures'
import { configSchema } from './schema'
import { newValidator } from './validator'

test('configSchema() is itself a valid JSON Schema', () => {
  expect(() => newValidator().compile(configSchema(kinds))).not.toThrow()
})

test('configSchema() says the default port of a kind, and asks for a port where there is none', () => {
  const { $defs } = configSchema(kinds) as { $defs: Record<string, object> }
  expect($defs['kind-vllm']).toMatchObject({ properties: { port: { default: 8888 } }, required: ['kind'] })
  expect($defs['kind-http']).toMatchObject({ required: ['kind', 'port'] })
})

test('configSchema() offers several hosts only to a kind that can span them', () => {
  const { $defs } = configSchema(kinds) as { $defs: Record<string, { properties: object }> }
  expect($defs['kind-vllm']?.properties).toHaveProperty('hosts')
  expect($defs['kind-http']?.properties).not.toHaveProperty('hosts')
})

test('configSchema() refuses a kind that redefines a field of every service', () => {
  const greedy = { kind: 'greedy', summary: 'takes all', schema: { properties: { container: { type: 'integer' } } } }
  expect(() => configSchema([greedy])).toThrow('kind greedy: redefines container; these belong to every service')
})
