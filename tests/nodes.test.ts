import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AttentionView } from '../core/cluster/snapshot'
import type { JobView } from '../core/jobs/job'
import { writeModels } from '../demo/models'
import type { RunningProcess } from '../demo/running'
import { small, type TestCluster, testCluster, until } from './cluster'
import { wide, wideModel, wideRecipes } from './wide-recipes'

const numbers = [1, 2, 3, 4, 8]
const recipes = wideRecipes(numbers)
afterAll(() => rmSync(dirname(recipes), { recursive: true, force: true }))

setDefaultTimeout(60_000)

describe.each(numbers)('%i Sparks', (nodes) => {
  const recipe = wide(nodes)
  const all = Array.from({ length: nodes }, (_, index) => `spark-${index + 1}`)
  const lastId = `spark-${nodes}`
  let spark: TestCluster

  beforeAll(async () => {
    spark = await sparks(nodes)
  })
  afterAll(() => spark.stop())
  afterEach(() => spark.cluster.faults.clear())

  test('one that lacks the image is named before anything is stopped', async () => {
    await spark.load(small)
    const before = servers(spark)
    const images = join(host(spark, lastId).directory, 'state/images.json')
    const text = readFileSync(images, 'utf8')
    writeFileSync(images, '[]')
    try {
      const { state, error } = await spark.swap(recipe)
      expect(state).toBe('failed')
      expect(error?.message).toContain(`vllm-node is not on ${lastId}`)
      expect(servers(spark)).toEqual(before)
    } finally {
      writeFileSync(images, text)
    }
  })

  test('a model runs on all of them and answers, and a swap away leaves it on none', async () => {
    expect(await spark.swap(recipe)).toMatchObject({ state: 'done', error: null })
    expect(hostsOf(servers(spark))).toEqual(all)
    const messages = [{ role: 'user', content: 'Hello' }]
    const answer = await spark.ask('POST', '/v1/chat/completions', { model: recipe, messages, max_tokens: 8 })
    expect(answer.status).toBe(200)
    expect(await spark.swap(small)).toMatchObject({ state: 'done', previous: recipe })
    expect(hostsOf(servers(spark))).toEqual(['spark-1'])
    expect(await attention(spark)).toEqual([])
  })

  // A solo launch has no other Spark to lose, nor to leave anything on.
  if (nodes === 1) return

  test('one that is lost in the load is named, and the previous model comes back', async () => {
    await spark.load(small)
    await spark.cluster.faults.recipe(recipe, 'stall-at-load')
    const job = await spark.start(recipe)
    await until('the load to begin everywhere', async () => {
      const { phase, log_tail: log } = (await (await spark.ask('GET', `/api/swap/${job}`)).json()) as JobView
      const begun = phase === 'load' && log.some((line) => line.includes('Loading safetensors'))
      return begun && hostsOf(servers(spark)).length === nodes ? true : null
    })
    await host(spark, lastId).run('docker rm -f vllm_node')
    const { state, result, error } = await spark.ended(job)
    expect([state, result]).toEqual(['rolled_back', 'previous'])
    expect(error?.message).toContain(lastId)
    expect(servers(spark)).toEqual([expect.objectContaining({ host: 'spark-1', recipe: small })])
  })

  test('a container left over on one of them is told, and ended on request', async () => {
    await spark.load(small)
    await leave(spark, lastId)
    const [told] = await until('the container to be told', async () => {
      const found = await attention(spark)
      return found.length > 0 ? found : null
    })
    expect(told).toMatchObject({
      severity: 'warning',
      subject: `host:${lastId}`,
      text: `${lastId}: container vllm_node is left over and may hold memory: what is loaded does not use this Spark`,
    })
    const answer = await spark.ask('DELETE', `/api/hosts/${lastId}/orphans/vllm_node`)
    expect(answer.status).toBe(202)
    const { job } = (await answer.json()) as { job: string }
    await until('its end', async () => {
      const { state, error } = (await (await spark.ask('GET', `/api/jobs/${job}`)).json()) as JobView
      expect(error).toBeNull()
      return state === 'done' ? true : null
    })
    expect(await containers(spark, lastId)).not.toContain('vllm_node')
    expect(await attention(spark)).toEqual([])
    expect(servers(spark)).toEqual([expect.objectContaining({ host: 'spark-1', recipe: small })])
    expect((await spark.ask('DELETE', `/api/hosts/${lastId}/orphans/vllm_node`)).status).toBe(404)
  })
})

describe('a container on a Spark that its service does not list', () => {
  let spark: TestCluster

  beforeAll(async () => {
    spark = await sparks(3, (text) => text.replace('hosts: [spark-1, spark-2, spark-3]', 'hosts: [spark-1, spark-2]'))
  })
  afterAll(() => spark.stop())

  test('is ended by the next swap of that service, and its log and the history say so', async () => {
    await spark.load(small)
    await leave(spark, 'spark-3')
    await until('the container to be told', async () => ((await attention(spark)).length > 0 ? true : null))
    const { state, log_tail: log } = await spark.swap(null)
    expect(state).toBe('done')
    const words = 'ending what is left over on spark-3: container vllm_node (llm does not run on this Spark)'
    expect(log).toContain(words)
    const { events } = (await (await spark.ask('GET', '/api/history?host=spark-3')).json()) as {
      events: { text: string }[]
    }
    expect(events.map(({ text }) => text)).toContain(words)
    expect(await containers(spark, 'spark-3')).not.toContain('vllm_node')
  })
})

async function sparks(hosts: number, config?: (text: string) => string): Promise<TestCluster> {
  const spark = await testCluster({ hosts, recipes, ...(config ? { config } : {}) })
  for (const { home } of spark.cluster.hosts) writeModels(join(home, '.cache/huggingface/hub'), [wideModel])
  await spark.settled()
  return spark
}

function host(spark: TestCluster, id: string) {
  const found = spark.cluster.hosts.find((each) => each.id === id)
  if (!found) throw new Error(`${id}: is no simulated Spark; there are ${spark.cluster.hosts.length}`)
  return found
}

/** Starts a worker's container as a launcher would whose head has died since. */
function leave(spark: TestCluster, id: string) {
  return host(spark, id).run('docker run -d --rm --network host --name vllm_node vllm-node sleep infinity')
}

async function containers(spark: TestCluster, id: string): Promise<string> {
  return (await host(spark, id).run('docker ps -a')).stdout
}

/** What needs a person because of something left over. */
async function attention(spark: TestCluster): Promise<AttentionView[]> {
  const all = (await (await spark.ask('GET', '/api/attention')).json()) as AttentionView[]
  return all.filter(({ text }) => text.includes('left over'))
}

function servers(spark: TestCluster): RunningProcess[] {
  return spark.cluster.processes().filter(({ service }) => service === 'llm')
}

function hostsOf(processes: RunningProcess[]): string[] {
  return [...new Set(processes.map(({ host }) => host))].toSorted()
}
