import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { large, small, type TestCluster, testCluster } from './cluster'

let spark: TestCluster

setDefaultTimeout(60_000)
beforeAll(async () => {
  spark = await testCluster({ launcher: 'old' })
  await spark.settled()
})
afterAll(() => spark.stop())

test('a launcher that knows neither --solo nor a daemon exec swaps as the new one does', async () => {
  for (const [recipe, hosts] of [
    [small, ['spark-1']],
    [large, ['spark-1']],
    ['minimax-m2.7-awq', ['spark-1', 'spark-2']],
    [small, ['spark-1']],
  ] as const) {
    expect(await spark.swap(recipe)).toMatchObject({ state: 'done', recipe, error: null })
    const inContainers = spark.cluster.processes().filter(({ container }) => container === 'vllm_node')
    expect([...new Set(inContainers.map(({ host }) => host))].toSorted()).toEqual([...hosts])
  }
  expect(await spark.swap(null)).toMatchObject({ state: 'done', error: null })
  expect(spark.cluster.processes().filter(({ container }) => container === 'vllm_node')).toEqual([])
})

test('a launch that fails through an old launcher leaves nothing', async () => {
  await spark.cluster.faults.recipe(small, 'fail-at-load')
  expect(await spark.swap(small)).toMatchObject({ state: 'failed', error: { code: 'out_of_memory' } })
  expect(spark.cluster.processes().filter(({ container }) => container === 'vllm_node')).toEqual([])
  await spark.cluster.faults.clear()
})
