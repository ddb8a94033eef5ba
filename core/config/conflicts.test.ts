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

  test('two services whose models are swapped have containers of their own where they share a Spark', () => {
    const twice = 's: { kind: vllm, hosts: [a, b] }, t: { kind: vllm, host: b, port: 8889 }'
    assertError(
      'services.t.container: service s has the container vllm_node on b too; give each a name of its own, as container: vllm_t',
      `${hosts}services: { ${twice} }`,
    )
    const apart = 's: { kind: vllm, host: a }, t: { kind: vllm, host: b, port: 8889 }'
    const named = twice.replace('port: 8889', 'port: 8889, container: second')
    for (const services of [apart, named]) expect(lines(`${hosts}services: { ${services} }`)).toEqual([])
  })

  test('two launches of several Sparks with one head meet on ports of their own', () => {
    const first = 's: { kind: vllm, hosts: [a, b] }'
    const second = (fields: string) =>
      `${hosts}services: { ${first}, t: { kind: vllm, port: 8889, container: u, ${fields} } }`
    assertError(
      'services.t.master_port: the Sparks of service s meet on port 29501 of the same head; give one of them another, as master_port: 29502',
      second('hosts: [a, b]'),
    )
    for (const fields of ['hosts: [a, b], master_port: 29502', 'hosts: [b, a]', 'host: a'])
      expect(lines(second(fields))).toEqual([])
  })

  test('services that share an endpoint by model stand side by side', () => {
    const embed = (id: string, on: string, model: string) =>
      `${id}: { kind: http, host: ${on}, port: 1, model: ${model}, routes: [ { method: POST, path: /v1/embeddings, by_model: true } ] }`
    const services = ['s: { kind: vllm, host: a }', embed('t', 'a', 'x/y'), embed('u', 'b', 'x/z')]
    expect(lines(`${hosts}services: { ${services.join(', ')} }`)).toEqual([])
  })
})
