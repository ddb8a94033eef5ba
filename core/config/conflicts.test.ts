import { describe, expect, test } from 'bun:test'
import { assertError, hosts, lines } from './load.fixtures'

describe('findConflicts()', () => {
  test.each<[string, string]>([
    [
      'services.t.port: service s has port 8888 on the same host; give one of them another port, or disable one',
      's: { kind: vllm, hosts: [a, b] }, t: { kind: http, host: a, port: 8888 }',
    ],
    [
      'services.t: POST /v1/images is served by s already; give one of them another path, or disable one',
      's: { kind: http, host: a, port: 1, routes: [ { method: POST, path: /v1/images } ] }, t: { kind: http, host: b, port: 1, routes: [ { method: POST, path: /v1/images/ } ] }',
    ],
    [
      'services.t: POST /v1/embeddings is served by s already; name the model it serves, or give it another path',
      's: { kind: vllm, host: a }, t: { kind: http, host: b, port: 1, routes: [ { method: POST, path: /v1/embeddings } ] }',
    ],
    [
      'services.t.model: service s names the model x/y too; disable one of them, or name another model',
      's: { kind: http, host: a, port: 1, model: x/y, routes: [ { method: POST, path: /v1/embeddings, by_model: true }, { method: POST, path: /v1/rerank, by_model: true } ] }, t: { kind: http, host: b, port: 1, model: x/y, routes: [ { method: POST, path: /v1/embeddings, by_model: true }, { method: POST, path: /v1/rerank, by_model: true } ] }',
    ],
  ])('%s', (finding, services) => {
    assertError(finding, `${hosts}services: { ${services} }`)
    expect(lines(`${hosts}services: { ${services.replace('t: { ', 't: { disabled: true, ')} }`)).toEqual([])
  })

  test('services that share an endpoint by model stand side by side', () => {
    const embed = (id: string, on: string, model: string) =>
      `${id}: { kind: http, host: ${on}, port: 1, model: ${model}, routes: [ { method: POST, path: /v1/embeddings, by_model: true } ] }`
    const services = ['s: { kind: vllm, host: a }', embed('t', 'a', 'x/y'), embed('u', 'b', 'x/z')]
    expect(lines(`${hosts}services: { ${services.join(', ')} }`)).toEqual([])
  })
})
