import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { loadConfig } from '../core/config/load'
import { configuration } from '../core/discovery/configuration'
import { distinct } from '../core/discovery/distinct'
import { engines } from '../core/discovery/engines'
import type { FoundSpark } from '../core/discovery/found'
import { sampleEngine, sampleSpark } from '../core/discovery/found.sample'
import { loadKinds } from '../handlers/kinds'

const kinds = await loadKinds()
const names = kinds.map(({ kind }) => kind)
const written = (sparks: FoundSpark[]) => configuration({ ...distinct(sparks), kinds: names })
const loaded = (text: string) => loadConfig({ text, file: 'spark.config.yaml', kinds, recipes: [] })
const errors = (text: string) => loaded(text).findings.filter(({ severity }) => severity !== 'note')

test('two Sparks with a launcher, a model and other services become a configuration that loads', () => {
  const text = written([
    sampleSpark(1, { engines: [sampleEngine('vllm', 8000, ['org/model'], 'vllm_node')] }),
    sampleSpark(2, {
      engines: [
        sampleEngine('comfyui', 8188, [], 'comfyui'),
        sampleEngine('text-embeddings-inference', 8088, ['BAAI/bge-m3'], 'bge'),
        sampleEngine('parakeet', 8001),
        sampleEngine('kokoro', 8880),
        sampleEngine('qdrant', 6333),
        sampleEngine('ollama', 11434, ['llama3:8b']),
      ],
    }),
  ])
  const { cluster, findings } = loaded(text)
  expect(findings).toEqual([])
  expect(cluster?.hosts.map(({ address, fabric }) => [address, fabric])).toEqual([
    ['192.0.2.11', '192.168.177.11'],
    ['192.0.2.12', '192.168.177.12'],
  ])
  const services = Object.fromEntries((cluster?.services ?? []).map((each) => [each.id, each]))
  expect(Object.keys(services)).toEqual(['llm', 'comfy', 'embed', 'transcribe', 'speech', 'qdrant', 'ollama'])
  expect(services.llm).toMatchObject({ kind: 'vllm', port: 8000, container: 'vllm_node' })
  expect(services.llm?.hosts.map(({ id }) => id)).toEqual(['spark-1', 'spark-2'])
  expect(services.embed).toMatchObject({ model: 'BAAI/bge-m3', offers: ['embed'] })
  expect(services.ollama?.kind).toBe('openai')
})

test('a Spark without a fast link takes no part in a launch over several', () => {
  const { cluster } = loaded(written([sampleSpark(1), sampleSpark(2, { fabric: null })]))
  expect(cluster?.services[0]?.hosts.map(({ id }) => id)).toEqual(['spark-1'])
})

test('a vLLM that no launcher runs is watched, not driven', () => {
  const found = [sampleSpark(1, { launcher: null, engines: [sampleEngine('vllm', 8000, ['org/model'], 'my-vllm')] })]
  const { cluster } = loaded(written(found))
  expect(cluster?.services).toMatchObject([{ kind: 'openai', port: 8000, container: 'my-vllm' }])
})

test('without launcher and services the configuration says so, and loads', () => {
  const text = written([sampleSpark(1, { launcher: null })])
  expect(errors(text)).toEqual([])
  expect(text).toContain('# No service was found')
})

test('a Spark that did not answer stands in it with the reason', () => {
  const link = { state: 'unreachable', code: 'host_unreachable', since: 0, cause: 'no route', remedy: null } as const
  const text = written([sampleSpark(1, null, { link, fingerprint: null })])
  expect(errors(text)).toEqual([])
  expect(text).toContain('# did not answer: no route')
})

test('a .local name gives way to the address it was resolved to', () => {
  const found = sampleSpark(1, {}, { target: { user: 'spark', address: 'spark-1.local', sshPort: 22 } })
  const text = written([found])
  expect(loaded(text).cluster?.hosts[0]?.address).toBe('192.0.2.11')
  expect(text).toContain('# Note: spark-1.local was resolved once')
})

test('whatever foreign names are found, the text loads and no name ends its line', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a\n  evil: 1', 'true', '~', '<x>', '# x', '"', "'"),
  )
  const engine = fc
    .tuple(
      fc.constantFrom(...engines.map((each) => each.engine)),
      fc.integer({ min: 1, max: 65535 }),
      fc.array(name, { maxLength: 3 }),
      fc.option(name, { nil: undefined }),
    )
    .map(([which, port, models, container]) => sampleEngine(which, port, models, container))
  const seen = fc.record({
    engines: fc.array(engine, { maxLength: 8 }),
    launcher: fc.option(fc.constantFrom('~/spark-vllm-docker', '~/', '/opt/my launcher')),
    hostname: name,
    gpu: name,
    driver: name,
    containers: fc.array(
      name.map((each) => ({ name: each, image: each, state: 'running', ports: [] })),
      { maxLength: 3 },
    ),
    cache: fc.option(name.map((path) => ({ path, models: 1, bytes: 1 }))),
  })
  fc.assert(
    fc.property(seen, fc.option(seen), (first, second) => {
      const text = written([sampleSpark(1, first), ...(second ? [sampleSpark(2, second)] : [])])
      expect(errors(text)).toEqual([])
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u)
    }),
  )
})
