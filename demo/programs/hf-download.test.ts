import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type SimulatedCluster, simulatedCluster } from '../cluster'
import type { SimulatedHost } from '../host'
import { catalogue } from '../models'

let cluster: SimulatedCluster
let head: SimulatedHost
let worker: SimulatedHost
const repo = catalogue.find(({ hosts }) => hosts.length === 0)?.repo ?? ''
const folder = `~/.cache/huggingface/hub/models--${repo.replace('/', '--')}`

beforeAll(async () => {
  cluster = await simulatedCluster({ speed: 2000, ports: 'free' })
  ;[head, worker] = cluster.hosts as [SimulatedHost, SimulatedHost]
})
afterAll(() => cluster.stop())

test('hf-download.sh downloads a model, copies it to the other Spark in full size, and takes it away again', async () => {
  const used = () => Number(readFileSync(join(worker.directory, 'state/disk'), 'utf8').split(' ')[1])
  const before = used()
  const got = await head.run(`cd ~/spark-vllm-docker && ./hf-download.sh -c ${repo}`)
  expect(got.code).toBe(0)
  expect(got.stdout).toStartWith(`Downloading model '${repo}' using uvx...\n`)
  expect(got.stdout).toEndWith(`Copy complete.\nDone: download ${repo}.\n`)
  const sizes = `cd ${folder}/snapshots/* && for f in *; do wc -c <"$(readlink -f "$f")"; done`
  const there = await worker.run(sizes)
  expect(there.stdout).toBe((await head.run(sizes)).stdout)
  expect(there.stdout.split('\n').length).toBeGreaterThan(3)
  while (used() < before + 1e9) await Bun.sleep(50)
  expect(
    await head.run(`cd ~/spark-vllm-docker && ./hf-download.sh --delete --force ${repo} && ls ${folder}`),
  ).not.toMatchObject({ code: 0 })
})

test('the old hf-download.sh has no uvx on the PATH of a non-interactive login', async () => {
  const old = await simulatedCluster({ hosts: 1, speed: 2000, ports: 'free', launcher: 'old' })
  const [host] = old.hosts
  expect(await host?.run(`cd ~/spark-vllm-docker && ./hf-download.sh ${repo}`)).toMatchObject({
    code: 1,
    stdout: "Error: 'uvx' command not found.\n",
  })
  const found = await host?.run(`cd ~/spark-vllm-docker && PATH="$HOME/.local/bin:$PATH" ./hf-download.sh ${repo}`)
  expect(found?.stdout).toEndWith(`No host specified, skipping copy.\nDone downloading ${repo}.\n`)
  await old.stop()
})
