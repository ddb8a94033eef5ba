import { expect, test } from 'bun:test'
import { sampleService } from '../core/config/declared.sample'
import { ApiError } from '../core/gateway/api-error'
import type { Entered, Waiting } from '../core/gateway/entrance'
import { newJob } from '../core/jobs/progress'
import { loadingStream, wantsLoading } from './loading-stream'

const job = {
  ...newJob({ id: 'swap-1', kind: 'swap', service: 'llm', phases: [{ name: 'load' }] }, '2026-01-01T00:00:00Z'),
  recipe: 'qwen',
  phase: 'load',
  progress: 0.34,
  eta_s: 40,
}
const load = { ...job, phases: job.phases.map((each) => ({ ...each, detail: 'reading weights' })) }

test('loadingStream() tells how far the load is, then passes on what the model says', async () => {
  const { answer, come, left } = await given(() => new Response('data: {"said":1}\n\ndata: [DONE]\n\n'))
  const reader = read(answer)
  expect(await reader.next()).toContain('Loading qwen: reading weights, 34 %, about 40 s left')
  expect(await reader.next()).toContain('"reasoning_content"')
  come()
  let rest = ''
  for (let piece = await reader.next(); piece !== null; piece = await reader.next()) rest += piece
  expect(rest).toEndWith('data: {"said":1}\n\ndata: [DONE]\n\n')
  expect(left()).toBe(true)
})

test('loadingStream() ends with one error event and a break when the load fails', async () => {
  const { answer, fail } = await given(() => new Response())
  fail(new ApiError(503, 'model_not_loaded', 'model: qwen is not loaded; out of memory'))
  const { text, broken } = await all(answer)
  expect(text.match(/event: error\ndata: .*"code":"model_not_loaded"/g)).toHaveLength(1)
  expect(text).not.toContain('[DONE]')
  expect(broken).toBe(true)
})

test("loadingStream() hands on the engine's own complaint as an error event", async () => {
  const { answer, come } = await given(() => Response.json({ error: { message: 'too long' } }, { status: 400 }))
  come()
  const { text, broken } = await all(answer)
  expect(text).toEndWith('event: error\ndata: {"error":{"message":"too long"}}\n\n')
  expect(broken).toBe(true)
})

test('loadingStream() stops waiting when its client goes away, and leaves if it was let in since', async () => {
  const { answer, come, left, signal } = await given(() => new Response())
  const reader = answer.body?.getReader()
  await reader?.read()
  await reader?.cancel()
  expect(signal()?.aborted).toBe(true)
  come()
  await Bun.sleep(0)
  expect(left()).toBe(true)
})

test('loadingStream() refuses what nobody waits for before it answers', async () => {
  const refusal = new ApiError(503, 'model_not_loaded', 'model: qwen is not loaded; gemma runs in llm and is kept')
  const caller = { signal: new AbortController().signal, holdMs: 1, token: null }
  const wait = async () => {
    throw refusal
  }
  const answer = async () => new Response()
  expect(await loadingStream({ model: 'qwen', caller, wait, answer }).catch((error) => error)).toBe(refusal)
})

test('wantsLoading() asks for the header and for a stream', () => {
  const request = (header?: string) =>
    new Request('http://127.0.0.1/', header === undefined ? {} : { headers: { 'x-loading': header } })
  expect(wantsLoading(request('reasoning'), '{"stream":true}')).toBe(true)
  expect(wantsLoading(request('reasoning'), '{"stream":false}')).toBe(false)
  expect(wantsLoading(request('reasoning'), '{')).toBe(false)
  expect(wantsLoading(request('content'), '{"stream":true}')).toBe(false)
  expect(wantsLoading(request(), '{"stream":true}')).toBe(false)
})

async function given(answered: () => Response) {
  const entering = Promise.withResolvers<Entered>()
  const what = { exact: true, upstreamName: 'qwen', repo: 'org/qwen', recipe: null, capabilities: [], coming: false }
  let left = false
  let seen: AbortSignal | null = null
  const entered: Entered = {
    named: { ...what, service: sampleService() },
    leave() {
      left = true
    },
  }
  const answer = await loadingStream({
    model: 'qwen',
    caller: { signal: new AbortController().signal, holdMs: 1, token: null },
    wait(_, { signal }, tell) {
      seen = signal
      tell?.((): Waiting => ({ job: load, standing: null }))
      return entering.promise
    },
    answer: async () => answered(),
    everyMs: 5,
  })
  return {
    answer,
    come: () => entering.resolve(entered),
    fail: (error: unknown) => entering.reject(error),
    left: () => left,
    signal: () => seen,
  }
}

function read(answer: Response) {
  const reader = answer.body?.getReader()
  const text = new TextDecoder()
  return {
    async next(): Promise<string | null> {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      return done ? null : text.decode(value)
    },
  }
}

async function all(answer: Response): Promise<{ text: string; broken: boolean }> {
  const reader = read(answer)
  let text = ''
  try {
    for (let piece = await reader.next(); piece !== null; piece = await reader.next()) text += piece
    return { text, broken: false }
  } catch {
    return { text, broken: true }
  }
}
