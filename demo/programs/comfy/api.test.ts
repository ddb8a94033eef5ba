import { expect, test } from 'bun:test'
import type { Reply } from '../server'
import { createComfyApi } from './api'

const JOB_MS = 30

function comfy() {
  const { handle } = createComfyApi(JOB_MS)
  return async (method: string, path: string, body?: unknown) => {
    const text = async () => (typeof body === 'string' ? body : JSON.stringify(body))
    const reply: Reply = await handle({
      method,
      path,
      headers: {},
      client: '',
      signal: new AbortController().signal,
      text,
    })
    return { status: reply.status ?? 200, body: JSON.parse(String(reply.body)) }
  }
}

const queued = (remaining: number) => ({ status: 200, body: { exec_info: { queue_remaining: remaining } } })

test('a prompt is queued, counted while it is worked on, and ends in the history', async () => {
  const call = comfy()
  expect(await call('GET', '/prompt')).toEqual(queued(0))
  const { body } = await call('POST', '/prompt', {
    prompt: { '1': { class_type: 'KSampler', inputs: {} } },
    client_id: 'me',
  })
  expect(body).toEqual({ prompt_id: expect.any(String), number: 0, node_errors: {} })
  await call('POST', '/prompt', { prompt: {} })
  expect(await call('GET', '/prompt')).toEqual(queued(2))
  while ((await call('GET', '/prompt')).body.exec_info.queue_remaining > 0) await Bun.sleep(5)
  const history = await call('GET', `/history/${body.prompt_id}`)
  expect(history.body[body.prompt_id].status).toEqual({ status_str: 'success', completed: true, messages: [] })
})

test('a request without a prompt is refused', async () => {
  expect(await comfy()('POST', '/prompt', {})).toMatchObject({ status: 400, body: { error: { type: 'no_prompt' } } })
})

test('system_stats tells of the machine and its one GPU', async () => {
  const { body } = await comfy()('GET', '/system_stats')
  expect(body.devices).toHaveLength(1)
  expect(body.system).toHaveProperty('comfyui_version')
})
