import { afterAll, expect, test } from 'bun:test'
import type { LiveHost } from '../cluster/hosts'
import type { RunOptions } from '../cluster/remote-commands'
import { sampleHost, sampleService } from '../config/declared.sample'
import { sampleRecipe } from '../models/recipe.sample'
import type { StepContext } from './step'
import { stopModel } from './stop-model'

const listening = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('no', { status: 404 }) })
const free = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
const closed = free.port ?? 0
await free.stop(true)
afterAll(() => listening.stop(true))

const head = sampleHost('spark-1')
const settings = { folder: '/srv/mine', start: ['./a'], stop: ['./stop.sh'], status: ['./status.sh'], log: null }
const previous = sampleRecipe({ id: 'mine', runtime: 'script', script: settings })

/** A stop on a Spark whose programs end as told; what was reported, and how long the script's stop might take. */
async function stopped(port: number, ends: { stop: number | Error; status: number }) {
  const reports: (string | undefined)[] = []
  let patience = 0
  const run = async (argv: readonly string[], { timeoutMs = 0 }: RunOptions = {}) => {
    const program = argv.at(-1)
    if (program === './stop.sh') patience = timeoutMs
    const code = program === './stop.sh' ? ends.stop : program === './status.sh' ? ends.status : 0
    if (code instanceof Error) throw code
    return { code, signal: null, stdout: '', stdoutBytes: 0, stderr: 'no such folder' }
  }
  const live = { host: head, address: '127.0.0.1', run } as Partial<LiveHost> as LiveHost
  await stopModel({
    order: null,
    previous,
    service: sampleService('llm', { hosts: [head], port }),
    hosts: new Map([['spark-1', live]]),
    observed: { gone() {} } as Partial<StepContext['observed']> as StepContext['observed'],
    signal: new AbortController().signal,
    report: (_, detail) => reports.push(detail),
    job: 'swap-1',
    log() {},
    loaded() {},
  })
  return { reports, patience }
}

test('a script’s stop has ten minutes, says whom it waits for, and where it takes longer its status decides', async () => {
  const { reports, patience } = await stopped(closed, { stop: new Error('took over 600 s'), status: 1 })
  expect(patience).toBe(600_000)
  expect(reports).toContain('waiting for the server of mine on spark-1 to end')
})

test.each([125, 126, 127])(
  'a script that ends with %i is not there to be asked: a closed port says that it is gone',
  async (code) => {
    expect((await stopped(closed, { stop: code, status: code })).reports.at(-1)).toBe('stopped on 1 of 1')
    const error = await stopped(listening.port ?? 0, { stop: code, status: code }).catch((each) => each)
    expect(error.reason).toEqual({
      code: 'stop_unproven',
      message: 'whether the server of mine on spark-1 has ended cannot be told: no such folder',
      remedy: `end what answers on port ${listening.port} there (ss -ltnp tells which program it is), then swap again`,
    })
  },
)
