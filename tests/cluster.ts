import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ControlPlane, controlPlane } from '../commands/serve'
import type { JobView } from '../core/jobs/job'
import { jsonLog } from '../core/log'
import { type ClusterOptions, type SimulatedCluster, simulatedCluster } from '../demo/cluster'
import { loadKinds } from '../handlers/kinds'

export interface TestCluster {
  cluster: SimulatedCluster
  plane: ControlPlane
  /** Origin of the control plane, without a slash at its end. */
  url: string
  /** Data directory of the control plane. */
  data: string
  /** Sends a request to the control plane; an object as body goes as JSON. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
  /** Accepts a swap; the id of its job. */
  start(recipe: string | null): Promise<string>
  /** Swaps and waits for the end of the job. */
  swap(recipe: string | null): Promise<JobView>
  /** Brings the recipe up (null: unloads), whatever ran before. */
  load(recipe: string | null): Promise<void>
  /** The job once it has ended. */
  ended(job: string): Promise<JobView>
  /** Waits until the control plane sees the service so. */
  service(id: string, state: string): Promise<void>
  host(id: string, state: string): Promise<void>
  /** Waits until every host and the first service are seen; with `model`, until that recipe is loaded. */
  settled(model?: string): Promise<void>
  stop(): Promise<void>
}

export interface TestClusterOptions extends ClusterOptions {
  /** Changes the written configuration before the control plane reads it. */
  config?: (text: string, cluster: SimulatedCluster) => string | Promise<string>
}

export const small = 'llama-3.1-8b-fp8'
export const large = 'qwen3.6-35b-a3b-nvfp4'

const final = ['done', 'failed', 'rolled_back', 'cancelled', 'needs_attention']
const patienceMs = 25_000
let count = 0

/** Starts simulated Sparks on addresses of their own and the control plane on them, on free ports; the caller stops both. */
export async function testCluster({ config, ...options }: TestClusterOptions = {}): Promise<TestCluster> {
  const firstAddress = `127.0.${20 + ((process.pid + count++ * 17) % 230)}.11`
  const cluster = await simulatedCluster({ speed: 40, ports: 'free', firstAddress, ...options })
  if (config) await Bun.write(cluster.configPath, await config(await Bun.file(cluster.configPath).text(), cluster))
  const data = mkdtempSync(join(tmpdir(), 'spark-test-'))
  const plane = await controlPlane({
    config: cluster.configPath,
    data,
    port: 0,
    kinds: await loadKinds(),
    log: jsonLog(() => {}),
  })
  const { url } = plane.server

  function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const json: Record<string, string> =
      body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' }
    return fetch(`${url}${path}`, {
      method,
      headers: { ...json, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  }

  async function ended(job: string) {
    return until(`${job} to end`, async () => {
      const view = (await (await ask('GET', `/api/swap/${job}`)).json()) as JobView
      return final.includes(view.state) ? view : null
    })
  }

  async function start(recipe: string | null) {
    const answer = await ask('POST', '/api/swap', { recipe })
    const { job, error } = (await answer.json()) as { job: string | null; error?: { message: string } }
    if (!job) throw new Error(`${recipe}: no job (${answer.status} ${error?.message}); one was to be started`)
    return job
  }

  async function load(recipe: string | null): Promise<void> {
    const answer = await ask('POST', '/api/swap', { recipe })
    const { job, error: refused } = (await answer.json()) as { job: string | null; error?: { job: string } }
    if (refused) {
      await ended(refused.job)
      return load(recipe)
    }
    if (job === null) return
    const { state, error } = await ended(job)
    if (state !== 'done') throw new Error(`${recipe}: ended as ${state} (${error?.message}); it should be loaded`)
  }

  async function state(list: 'hosts' | 'services', id: string) {
    const body = (await (await ask('GET', '/api/cluster')).json()) as Record<
      typeof list,
      { id: string; state: string }[]
    >
    return body[list].find((each) => each.id === id)?.state
  }

  const become = (list: 'hosts' | 'services', id: string, wanted: string) =>
    until(`${id} to be ${wanted}`, async () => ((await state(list, id)) === wanted ? true : null))

  return {
    cluster,
    plane,
    url,
    data,
    ask,
    ended,
    start,
    swap: async (recipe) => ended(await start(recipe)),
    load,
    async service(id, wanted) {
      await become('services', id, wanted)
    },
    async host(id, wanted) {
      await become('hosts', id, wanted)
    },
    async settled(model) {
      for (const host of cluster.hosts) await become('hosts', host.id, 'up')
      await until('the services to be seen', async () => ((await state('services', 'llm')) !== 'unknown' ? true : null))
      if (model === undefined) return
      await until(`${model} to be loaded`, async () => {
        const { models } = (await (await ask('GET', '/api/cluster')).json()) as { models: { recipe: string | null }[] }
        return models.some(({ recipe }) => recipe === model) ? true : null
      })
    },
    async stop() {
      await plane.stop()
      await cluster.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** Asks until there is an answer that is not null. @throws {Error} naming what did not come */
export async function until<T>(what: string, look: () => T | null | Promise<T | null>, ms = patienceMs): Promise<T> {
  const deadline = Date.now() + ms
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (Date.now() > deadline) throw new Error(`waited ${ms / 1000} s for ${what}; it did not come`)
    await Bun.sleep(40)
  }
}
