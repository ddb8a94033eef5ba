import { afterEach, expect, test } from 'bun:test'
import fc from 'fast-check'
import { asker } from '../cluster/probe'
import { engines, questions } from './engines'
import { recognise } from './recognise'

type Pages = Record<string, unknown>

const running: Bun.Server<undefined>[] = []
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop(true)
})

/** A real server that answers these paths, anything else with 404 as most do. */
function serving(pages: Pages) {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch(request) {
      const page = pages[new URL(request.url).pathname]
      if (page === undefined) return Response.json({ detail: 'Not Found' }, { status: 404 })
      if (page instanceof Response) return page.clone()
      return typeof page === 'string' ? new Response(page) : Response.json(page)
    },
  })
  running.push(server)
  return recognise(asker('127.0.0.1', server.port ?? 0, 1500))
}

const list = (owner: string, ...ids: string[]) => ({
  object: 'list',
  data: ids.map((id) => ({ id, object: 'model', owned_by: owner })),
})
const api = (title: string, ...paths: string[]) => ({
  info: { title },
  paths: Object.fromEntries(paths.map((path) => [path, {}])),
})
const locked = Response.json({ error: 'Unauthorized' }, { status: 401 })

test.each<[string, Pages, string[]]>([
  ['vllm', { '/v1/models': list('vllm', 'org/model'), '/version': { version: '0.27.1' } }, ['org/model']],
  ['vllm', { '/v1/models': locked, '/version': { version: '0.27.1' } }, []],
  ['sglang', { '/v1/models': list('sglang', 'm'), '/get_server_info': { model_path: 'm' } }, ['m']],
  [
    'llama.cpp',
    { '/v1/models': list('llamacpp', 'm.gguf'), '/props': { default_generation_settings: {} } },
    ['m.gguf'],
  ],
  [
    'ollama',
    {
      '/': 'Ollama is running',
      '/api/tags': { models: [{ name: 'llama3:8b' }] },
      '/api/version': { version: '0.12.0' },
      '/v1/models': list('library', 'llama3:8b'),
    },
    ['llama3:8b'],
  ],
  ['tensorrt-llm', { '/v1/models': list('tensorrt_llm', 'm'), '/version': { version: '1.3.0rc13' } }, ['m']],
  ['lm-studio', { '/v1/models': list('organization_owner', 'qwen') }, ['qwen']],
  ['nim', { '/v1/models': list('vllm', 'meta/llama'), '/v1/metadata': { modelInfo: [{}] } }, ['meta/llama']],
  ['litellm', { '/v1/models': list('openai', 'gpt'), '/health/liveliness': '"I\'m alive!"' }, ['gpt']],
  ['comfyui', { '/system_stats': { system: { comfyui_version: '0.3.60' }, devices: [] } }, []],
  ['open-webui', { '/api/config': { name: 'Chat', version: '0.6', features: { enable_signup: true } } }, []],
  ['qdrant', { '/': { title: 'qdrant - vector search engine', version: '1.19.0' } }, []],
  ['text-embeddings-inference', { '/info': { model_id: 'BAAI/bge-m3', max_client_batch_size: 32 } }, ['BAAI/bge-m3']],
  ['infinity', { '/v1/models': list('infinity', 'bge') }, ['bge']],
  ['kokoro', { '/v1/models': list('kokoro', 'kokoro'), '/v1/audio/voices': { voices: [{ id: 'af' }] } }, ['kokoro']],
  ['parakeet', { '/openapi.json': api('Parakeet API', '/v1/audio/transcriptions') }, []],
  ['whisper', { '/openapi.json': api('whisper server', '/v1/audio/transcriptions') }, []],
  ['openai', { '/v1/models': list('someone', 'm') }, ['m']],
])('recognise() knows %s by what it answers', async (engine, pages, models) => {
  expect(await serving(pages)).toMatchObject({ engine, models })
})

test('recognise() does not take every web page for a service', async () => {
  expect(await serving({ '/': '<h1>It works</h1>', '/health': 'ok', '/version': { version: 1 } })).toBeNull()
})

test('recognise() of a port that nothing listens on is null', async () => {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('') })
  const port = server.port ?? 0
  await server.stop(true)
  expect(await recognise(asker('127.0.0.1', port, 1500))).toBeNull()
})

test('recognise() survives whatever a foreign server says', async () => {
  const foreign = fc.record({ status: fc.constantFrom(200, 401, 404, 500), text: fc.oneof(fc.json(), fc.string()) })
  const answers = fc.array(foreign, { minLength: questions.length, maxLength: questions.length })
  await fc.assert(
    fc.asyncProperty(answers, async (said) => {
      const found = await recognise(async (path) => ({
        status: 404,
        text: '',
        tookMs: 0,
        ...said[questions.indexOf(path)],
      }))
      if (!found) return
      expect(engines.map(({ engine }) => engine)).toContain(found.engine)
      expect(found.models.length).toBeLessThanOrEqual(64)
    }),
  )
})

test('recognise() keeps model names to one printable line', async () => {
  const found = await serving({ '/v1/models': list('x', 'a\u001b[31m\nb\u202ec', 'y'.repeat(300)) })
  expect(found?.models).toEqual(['a[31mbc'])
})
