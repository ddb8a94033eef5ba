import { afterEach, expect, test } from 'bun:test'
import { systemClock } from '../../clock'
import { asker } from '../../cluster/probe'
import { sampleService } from '../../config/declared.sample'
import { door } from '../../gateway/door'
import { drain } from './drain'
import { localHost } from './local-host.sample'
import type { StepContext } from './step'

const engines: { stop(): unknown }[] = []

afterEach(async () => {
  for (const each of engines.splice(0)) await each.stop()
})

test('drain() shuts the door and ends when the last request has left', async () => {
  const { slot, context, doors, told } = given(() => 0)
  const leave = [doors.pass('llm'), doors.pass('llm'), doors.pass('llm')]
  const draining = drain([slot, slot], context, doors, 60)
  expect(doors.isShut('llm')).toBe(true)
  await shown(told, 'waiting for 3 requests to finish')
  for (const each of leave) each?.()
  await draining
  expect(doors.isShut('llm')).toBe(true)
})

test('drain() waits for requests that only the engine knows of', async () => {
  let running = 2
  const { slot, context, doors, told } = given(() => running)
  const draining = drain([slot], context, doors, 60)
  await shown(told, 'waiting for 2 requests to finish')
  running = 0
  await draining
})

test('drain() goes on after its limit, and says how many are broken off', async () => {
  const { slot, context, doors, told, logged } = given(() => 1)
  await drain([slot], context, doors, 0.3)
  expect(told.at(-1)).toBe('1 request did not finish within 0.3 s and is broken off')
  expect(logged).toEqual(['1 request did not finish within 0.3 s and is broken off'])
})

test('drain() waits for nobody in an engine that does not answer', async () => {
  const { slot, context, doors } = given(() => 1)
  for (const each of engines.splice(0)) await each.stop()
  await drain([slot], context, doors, 60)
  expect(doors.isShut('llm')).toBe(true)
})

test('drain() ends at a cancel', async () => {
  const { slot, context, doors, told } = given(() => 1)
  const cancelled = new AbortController()
  const draining = drain([slot], { ...context, signal: cancelled.signal }, doors, 60)
  await shown(told, 'waiting for 1 request to finish')
  cancelled.abort(new Error('cancelled'))
  expect(await draining.catch((error) => error.message)).toBe('cancelled')
})

function given(running: () => number) {
  const engine = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: () => new Response(`vllm:num_requests_running{engine="0"} ${running()}\nvllm:num_requests_waiting{} 0\n`),
  })
  engines.push({ stop: () => engine.stop(true) })
  const told: string[] = []
  const logged: string[] = []
  const context: StepContext = {
    job: 'swap-1',
    fence: 1,
    hosts: new Map([['spark-1', localHost('/nowhere')]]),
    observed: {
      hosts: () => [],
      host: () => undefined,
      service: () => undefined,
      serves: () => null,
      gone() {},
      loading() {},
    },
    clock: systemClock,
    ask: asker,
    signal: new AbortController().signal,
    report: (_, detail) => detail && told.push(detail),
    log: (lines) => logged.push(...lines),
    loaded() {},
  }
  const slot = { service: sampleService('llm', { port: engine.port ?? 0 }), recipe: null }
  return { slot, context, doors: door({ clock: systemClock }), told, logged }
}

async function shown(told: string[], text: string) {
  while (!told.includes(text)) await Bun.sleep(5)
}
