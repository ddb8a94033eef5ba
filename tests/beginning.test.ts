import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ControlPlane, controlPlane } from '../commands/serve'
import { jsonLog } from '../core/log'
import { loadKinds } from '../handlers/kinds'
import { large, small, type TestCluster, testCluster } from './cluster'

setDefaultTimeout(60_000)

const folder = mkdtempSync(join(tmpdir(), 'beginning-'))
let spark: TestCluster

beforeAll(async () => {
  spark = await testCluster({ loaded: small })
})

afterAll(async () => {
  await spark.stop()
  rmSync(folder, { recursive: true })
})

/** A control plane that has seen nothing yet, on a cluster that runs. */
async function begun<T>(act: (plane: ControlPlane) => Promise<T>): Promise<T> {
  const data = mkdtempSync(join(folder, 'data-'))
  const config = spark.cluster.configPath
  const plane = await controlPlane({ config, data, port: 0, kinds: await loadKinds(), log: jsonLog(() => {}) })
  try {
    return await act(plane)
  } finally {
    await plane.stop()
  }
}

const post = (plane: ControlPlane, path: string, recipe: string) =>
  fetch(`${plane.server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ recipe }),
  })

test('a controller that has just begun knows what is loaded before it answers a swap to it', async () => {
  const answer = await begun((plane) => post(plane, '/api/swap', small))
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ job: null, model: { recipe: small } })
})

test('a controller that has just begun plans with the memory that the running model will give back', async () => {
  const plan = await begun(async (plane) => (await post(plane, '/api/swap/plan', large)).json())
  expect(plan).toMatchObject({ possible: true, reason: null, stops: [{ recipe: small }] })
})

test('a controller that has just begun answers about itself and shows its page at once', async () => {
  await begun(async ({ server }) => {
    for (const path of ['/health', '/', '/api/cluster', '/metrics', '/openapi.json', '/v1/models'])
      expect([path, (await fetch(server.url + path)).status]).toEqual([path, 200])
  })
})
