import { expect, test } from 'bun:test'
import { answers } from '../cluster/answers'
import { sampleEngine } from './found.sample'
import { containerAt, readSeen } from './seen'

const text = `home\t/home/spark
hostname\tgx10-1a2b
boot-id\tb-1
gpu\tNVIDIA GB10, 580.126.09
memory\tMemTotal:       127600748 kB
address\t1: lo    inet 127.0.0.1/8 scope host lo
address\t2: enP7s7    inet 192.0.2.11/24 brd 192.0.2.255 scope global enP7s7
address\t3: enP2p1s0f1np1    inet 192.168.178.11/24 scope global enP2p1s0f1np1
launcher\t/home/spark/spark-vllm-docker
hub\t/home/spark/.cache/huggingface/hub
hub-models\t2
hub-size\t1000
docker\tok
container\tvllm_node|running|vllm-node|
container\tbge|running|ghcr.io/text-embeddings-inference:1.9|0.0.0.0:8088->80/tcp, :::8088->80/tcp
container\tcomfyui|exited|comfyui|
process\tvllm_node sleep infinity
process\tvllm_node vllm serve org/model --port 8888 --host 0.0.0.0
`

test('readSeen() reads a look into machine, launcher, fast link, cache and containers with their ports', () => {
  expect(readSeen(answers(text))).toMatchObject({
    hostname: 'gx10-1a2b',
    gpu: 'NVIDIA GB10',
    driver: '580.126.09',
    memoryBytes: 127_600_748 * 1024,
    launcher: '~/spark-vllm-docker',
    fabric: '192.168.178.11',
    cache: { path: '~/.cache/huggingface/hub', models: 2, bytes: 1000 },
    containers: [
      { name: 'vllm_node', state: 'running', ports: [8888] },
      { name: 'bge', state: 'running', ports: [8088] },
      { name: 'comfyui', state: 'exited', ports: [] },
    ],
  })
})

test('readSeen() of a host that says nothing is empty, not wrong', () => {
  expect(readSeen(answers(''))).toMatchObject({
    launcher: null,
    fabric: null,
    cache: null,
    docker: false,
    memoryBytes: null,
  })
})

test('containerAt() goes by the port, then by a name that tells, and never to one that is stopped', () => {
  const { containers } = readSeen(answers(text))
  const at = (engine: string, port: number) =>
    containerAt(port, sampleEngine(engine, port).recognised, containers)?.name ?? null
  expect([at('vllm', 8888), at('vllm', 8000), at('infinity', 8088), at('comfyui', 8188)]).toEqual([
    'vllm_node',
    'vllm_node',
    'bge',
    null,
  ])
})
