import { afterEach, expect, test } from 'bun:test'
import type { LiveHost } from '../core/cluster/hosts'
import type { Service } from '../core/config/cluster'
import { sampleService } from '../core/config/declared.sample'
import { elsewhere } from '../core/discovery/elsewhere'
import { loadKinds } from '../handlers/kinds'

type Pages = Record<string, Response | object>

const kinds = await loadKinds()
const running: Bun.Server<undefined>[] = []
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop(true)
})

/** A real server that answers these paths, others as `otherwise`; its port. */
function serving(pages: Pages, otherwise = new Response('not found', { status: 404 })): number {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch(request) {
      const page = pages[new URL(request.url).pathname] ?? otherwise
      return page instanceof Response ? page.clone() : Response.json(page)
    },
  })
  running.push(server)
  return server.port ?? 0
}

const sick = (status: number) => new Response('', { status })
const list = (...ids: string[]) => ({ data: ids.map((id) => ({ id, owned_by: 'vllm' })) })
const vllm = (...ids: string[]): Pages => ({
  '/v1/models': list(...ids),
  '/version': { version: '0.12' },
  '/health': sick(200),
})
const comfy = { '/system_stats': { system: { comfyui_version: '0.3.60' }, devices: [] } }
const kokoro = { '/v1/audio/voices': { voices: ['af'] }, '/openapi.json': { info: { title: 'Kokoro' } } }
const nowhere = 1

function declared(id: string, kind: string, port: number, more: Partial<Service> = {}): Service {
  return sampleService(id, { kind, port, ...more })
}

/** What the search finds for the first of these services, on a Spark that listens on these ports. */
function found(services: [Service, ...Service[]], listening: number[] = []) {
  const stdout = listening.map((port) => `LISTEN 0 5 0.0.0.0:${port} 0.0.0.0:*`).join('\n')
  const [service] = services
  const live = { host: service.hosts[0], address: '127.0.0.1', run: async () => ({ stdout, stderr: '', code: 0 }) }
  const hosts = new Map([['spark-1', live as unknown as LiveHost]])
  const probes = services.flatMap((each) => {
    const kind = kinds.find((other) => other.kind === each.kind)
    return kind ? [{ service: each, newProbe: () => kind.probe(each) }] : []
  })
  return elsewhere({ hosts, services: probes })(service)
}

const probed = (path: string) => ({ options: { probe: { path } } })

test('an engine that is sick on its own port is not taken for another', async () => {
  const port = serving({ ...vllm('m'), '/health': sick(503) })
  const embed = declared('embed', 'http', nowhere, { ...probed('/v1/models'), model: 'bge' })
  for (const kind of ['openai', 'vllm']) expect(await found([declared('chat', kind, port), embed])).toBeNull()
})

test('a service whose probe fails is not taken for what it is, however well its program is known', async () => {
  const voices = declared('voices', 'http', nowhere, probed('/v1/audio/voices'))
  for (const health of [sick(500), sick(404)]) {
    const port = serving({ ...kokoro, '/health': health })
    expect(await found([declared('speech', 'http', port, probed('/health')), voices])).toBeNull()
  }
})

test('a mistyped probe path does not make a service another', async () => {
  const port = serving(comfy)
  expect(await found([declared('comfy', 'http', port, probed('/system_stat'))])).toBeNull()
})

test('a bot is found nowhere, and nothing that answers is the bot', async () => {
  const [web, broken] = [serving({}, new Response('ok')), serving({}, sick(404))]
  const bot = declared('bot', 'bot', nowhere)
  expect(await found([bot], [web])).toBeNull()
  expect(await found([declared('comfy', 'http', broken, probed('/system_stats')), bot])).toBeNull()
})

test('what has nothing of a service on its port is named', async () => {
  const [images, chat] = [serving(comfy), serving(vllm('m'))]
  const other = declared('pictures', 'http', nowhere, probed('/system_stats'))
  const title = (title: string) => ({ kind: 'other_service', title }) as const
  expect(await found([declared('chat', 'openai', images)])).toEqual(title('ComfyUI'))
  expect(await found([declared('embed', 'http', images, probed('/ready')), other])).toEqual(title('pictures'))
  expect(await found([declared('embed', 'http', chat, probed('/ready'))])).toEqual(title('vLLM'))
})

test('an engine is found on another port by its kind and its models', async () => {
  const port = serving(vllm('m'))
  const at = { kind: 'other_port', port } as const
  const named = (model: string) => declared('named', 'openai', nowhere, { model })
  expect(await found([declared('chat', 'openai', nowhere)], [port])).toEqual(at)
  expect(await found([declared('llm', 'vllm', nowhere)], [port])).toEqual(at)
  expect(await found([named('m')], [port])).toEqual(at)
  expect(await found([named('other')], [port])).toBeNull()
  expect(await found([declared('chat', 'openai', nowhere), named('m')], [port])).toBeNull()
  const other = serving({ '/v1/models': { data: [{ id: 'm', owned_by: 'llamacpp' }] } })
  expect(await found([declared('llm', 'vllm', nowhere)], [other])).toBeNull()
})

test('a server that answers every path is nobody', async () => {
  const anything = serving({}, new Response('<html>'))
  const images = declared('comfy', 'http', nowhere, probed('/system_stats'))
  expect(await found([images], [anything])).toBeNull()
  const port = serving(comfy)
  expect(await found([images], [anything, port])).toEqual({ kind: 'other_port', port })
})
