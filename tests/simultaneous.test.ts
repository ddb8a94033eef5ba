import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { large, small, type TestCluster, testCluster } from './cluster'

let spark: TestCluster

setDefaultTimeout(60_000)
beforeAll(async () => {
  spark = await testCluster()
  await spark.settled()
})
afterAll(() => spark.stop())

test('of a hundred swap requests at once one is accepted, and all others are told which', async () => {
  const times: number[] = []
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, n) => {
      const began = performance.now()
      const answer = await spark.ask('POST', '/api/swap', { recipe: n % 2 === 0 ? large : small })
      const body = (await answer.json()) as { job?: string; error?: { code: string; job: string } }
      if (answer.status === 409) times.push(performance.now() - began)
      return { status: answer.status, retry: answer.headers.get('retry-after'), ...body }
    }),
  )
  const accepted = answers.filter(({ status }) => status === 202)
  const refused = answers.filter(({ status }) => status === 409)
  expect([accepted.length, refused.length]).toEqual([1, 99])
  const job = accepted[0]?.job ?? ''
  for (const { error, retry } of refused) {
    expect(error).toMatchObject({ code: 'swap_running', job })
    expect(Number(retry)).toBeGreaterThan(0)
  }
  console.log(`the slowest of 99 refusals took ${Math.max(...times).toFixed(0)} ms`)
  expect(await spark.ended(job)).toMatchObject({ state: 'done' })
  const { jobs } = (await (await spark.ask('GET', '/api/jobs')).json()) as { jobs: { kind: string }[] }
  expect(jobs.filter(({ kind }) => kind === 'swap')).toHaveLength(1)
})
