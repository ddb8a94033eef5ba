import { expect, test } from 'bun:test'
import { systemClock } from '../clock'
import { sampleService } from '../config/declared.sample'
import type { JobView } from '../jobs/job'
import { newJob } from '../jobs/progress'
import { usualDemand } from '../models/own-block'
import { sampleRecipe } from '../models/recipe.sample'
import type { Standing } from '../swap/demand/ticket'
import { ApiError } from './api-error'
import { door } from './door'
import { entrance } from './entrance'
import type { Named } from './names'

const service = sampleService('llm')
const recipe = sampleRecipe({ id: 'qwen', repo: 'org/qwen' })
const base = { service, repo: 'org/qwen', recipe, capabilities: ['chat'], exact: true }
const ready: Named = { ...base, upstreamName: 'qwen', coming: false }
const coming: Named = { ...base, upstreamName: null, coming: true }
const away: Named = { ...base, upstreamName: null, coming: false }
const asked: Named = { ...away, recipe: { ...recipe, demand: { ...usualDemand, onDemand: true } } }
const swap: JobView = {
  ...newJob({ id: 'swap-1', kind: 'swap', service: 'llm', phases: [] }, '2026-01-01T00:00:00Z'),
  recipe: 'qwen',
  progress: 0.5,
  eta_s: 41.2,
}

test('now() lets in what is loaded, and nobody while its door is shut or it is not loaded', () => {
  const { way, doors, means } = given(ready)
  expect(way.now('qwen')?.named).toBe(ready)
  expect(doors.inside('llm')).toBe(1)
  doors.shut('llm')
  expect(way.now('qwen')).toBeNull()
  doors.open('llm')
  means(coming)
  expect(way.now('qwen')).toBeNull()
  means(null)
  expect(() => way.now('qwen')).toThrow(ApiError)
})

test('wait() resolves the name anew when the door opens', async () => {
  const { way, doors, means, swaps } = given(coming, swap)
  const waiting = way.wait('chat', caller())
  swaps({ ...swap, state: 'done', ended_at: '2026-01-01T00:01:00Z' })
  means(ready)
  doors.open('llm')
  expect((await waiting).named).toBe(ready)
  expect([doors.inside('llm'), doors.held('llm')]).toEqual([1, 0])
})

test('wait() waits on between the end of a swap and the opening of its door', async () => {
  const { way, doors, means, swaps } = given(coming, swap)
  doors.shut('llm')
  const waiting = way.wait('chat', caller())
  swaps({ ...swap, state: 'done', ended_at: '2026-01-01T00:01:00Z' })
  means(ready)
  doors.wake()
  await Bun.sleep(0)
  expect(doors.held('llm')).toBe(1)
  doors.open('llm')
  expect((await waiting).named).toBe(ready)
})

test('wait() says after its time which job loads the model, how far it is and when to come again', async () => {
  const { way } = given(coming, swap)
  const refusal = await refused(way.wait('chat', caller(0)))
  expect(refusal).toMatchObject({ status: 503, code: 'model_loading' })
  expect(refusal.body.error).toMatchObject({ job: 'swap-1', progress: 0.5, eta_s: 42, retry_after_s: 42 })
})

test('wait() refuses at once what is neither loaded nor coming, and says why a load it waited for has failed', async () => {
  const { way, doors, means, swaps } = given(away)
  expect(await refused(way.wait('qwen', caller()))).toMatchObject({ status: 503, code: 'model_not_loaded' })
  means(coming)
  swaps(swap)
  const waiting = refused(way.wait('qwen', caller()))
  const error = { message: 'out of memory', code: 'oom', remedy: 'choose a smaller one' }
  swaps({ ...swap, state: 'failed', error, ended_at: '2026-01-01T00:01:00Z' })
  means(away)
  doors.wake()
  const { message, body } = await waiting
  expect(message).toContain('its load has failed (out of memory)')
  expect(body.error).toMatchObject({ code: 'model_not_loaded', job: 'swap-1' })
})

test('wait() queues for what may be loaded on demand, tells its place, and leaves the queue whatever happens', async () => {
  const { way, means, doors, tickets, stands, kept } = given(asked)
  const late = await refused(way.wait('qwen', caller(0)))
  expect(late.body.error).toMatchObject({ code: 'model_loading', job: null, place: 2, eta_s: 130, retry_after_s: 10 })
  expect(kept()).toBe(15_000)
  const gone = new AbortController()
  const leaving = refused(way.wait('qwen', { ...caller(), signal: gone.signal }))
  expect(tickets()).toBe(1)
  gone.abort()
  expect(await leaving).toMatchObject({ status: 499 })
  expect(kept()).toBe(0)
  const waiting = refused(way.wait('qwen', caller()))
  stands({ place: 1, refused: true, reason: 'it does not fit', retryS: 15, etaS: null })
  doors.wake()
  expect((await waiting).body.error).toMatchObject({ code: 'model_not_loaded', reason: 'it does not fit' })
  stands({ place: 1, refused: false, reason: null, retryS: 1, etaS: 120 })
  const both = Promise.all([way.wait('qwen', caller()), way.wait('qwen', caller())])
  means(ready)
  doors.wake()
  expect((await both).map(({ named }) => named)).toEqual([ready, ready])
  expect(tickets()).toBe(0)
})

test('wait() does not queue for a model that could not answer on that path', async () => {
  const { way, tickets } = given(asked)
  const refusal = await refused(way.wait('qwen', { ...caller(0), fits: () => false }))
  expect(refusal).toMatchObject({ status: 404, code: 'model_not_found' })
  expect(tickets()).toBe(0)
})

test('wait() tells no time of a load where none is known', async () => {
  const { way } = given(coming, { ...swap, eta_s: null })
  expect((await refused(way.wait('chat', caller(0)))).body.error).toMatchObject({ eta_s: null, retry_after_s: 5 })
})

test('wait() loads nothing for a name that only says what a model can do', async () => {
  const { way, tickets } = given({ ...asked, exact: false })
  expect(await refused(way.wait('chat', caller()))).toMatchObject({ code: 'model_not_loaded' })
  expect(tickets()).toBe(0)
})

function given(first: Named | null, running: JobView | null = null) {
  const doors = door({ clock: systemClock })
  let named = first
  let job = running
  let tickets = 0
  let kept: number | undefined
  let standing: Standing = { place: 2, refused: false, reason: 'another swap is running', retryS: 10, etaS: 130 }
  const way = entrance({
    clock: systemClock,
    door: doors,
    demand: {
      join() {
        tickets++
        return { standing: () => standing, leave }
        function leave(keepMs?: number) {
          kept = keepMs
          tickets--
        }
      },
    },
    resolve: () => named,
    swap: () => job,
    service: () => undefined,
  })
  return {
    way,
    doors,
    means: (next: Named | null) => {
      named = next
    },
    swaps: (next: JobView) => {
      job = next
    },
    stands: (next: Standing) => {
      standing = next
    },
    tickets: () => tickets,
    kept: () => kept,
  }
}

function caller(holdMs = 60_000) {
  return { signal: new AbortController().signal, holdMs, token: null }
}

async function refused(doing: Promise<unknown>): Promise<ApiError> {
  const error = await doing.then(
    () => null,
    (thrown) => thrown,
  )
  if (error instanceof ApiError) return error
  throw error ?? new Error('it went well; it was to be refused')
}
