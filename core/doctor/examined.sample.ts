import { answers } from '../cluster/answers'
import type { Host, Service } from '../config/cluster'
import { sampleHost as declaredHost, sampleService as declaredService } from '../config/declared.sample'
import { sampleDisk, sampleFound } from '../models/disk/disk.sample'
import type { Examined } from './examined'

/** The head with its launcher, or another Spark beside it. */
export const sampleHost = (id: string, more: Partial<Host> = {}): Host =>
  declaredHost(id, {
    address: id === 'spark-1' ? '192.0.2.11' : '192.0.2.12',
    launcher: id === 'spark-1' ? '~/spark-vllm-docker' : null,
    fabric: id === 'spark-1' ? '192.168.177.11' : '192.168.177.12',
    ...more,
  })

/** What a sound head says; `changes` replaces every line of a name, an empty list takes it out. */
export function sampleAnswers(changes: Record<string, string[]> = {}): string {
  const lines = sound.filter(([name]) => !(name in changes))
  const changed = Object.entries(changes).flatMap(([name, values]) => values.map((value) => [name, value] as const))
  return [...lines, ...changed].map(([name, value]) => `${name}\t${value}`).join('\n')
}

/** A head with one worker, as an examination leaves it; asked at second 1000 and answered within 2 s. */
export function sampleExamined(changes: Record<string, string[]> = {}, more: Partial<Examined> = {}): Examined {
  return {
    host: sampleHost('spark-1'),
    answers: answers(sampleAnswers(changes)),
    disk: sampleDisk('spark-1', [sampleFound()]),
    asked: 1_000_000,
    answered: 1_002_000,
    services: [],
    workers: [sampleHost('spark-2')],
    images: new Map([['vllm-node', ['llama']]]),
    ...more,
  }
}

export const sampleService = ({ id = 'comfy', ...more }: Partial<Service> = {}): Service =>
  declaredService(id, {
    kind: 'http',
    title: 'ComfyUI',
    hosts: [sampleHost('spark-1')],
    port: 8188,
    container: 'comfyui',
    ...more,
  })

const sound: [string, string][] = [
  ['clock', '1000.5'],
  ['user', 'spark'],
  ['groups', 'spark docker'],
  ['docker-group', 'spark'],
  ['boot-id', 'b-1'],
  ['memory', 'MemTotal:       127600748 kB'],
  ['memory', 'MemAvailable:   118000000 kB'],
  ['resident', '4000000'],
  ['linger', 'yes'],
  ['address', '2: enP7s7    inet 192.0.2.11/24 brd 192.0.2.255 scope global enP7s7'],
  ['address', '3: enp1s0f1np1    inet 192.168.177.11/24 scope global enp1s0f1np1'],
  ['link', '3: enp1s0f1np1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9000 state UP'],
  ['fabric-speed', '200000'],
  ['infiniband', 'rocep1s0f1 port 1 ==> enp1s0f1np1 (Up)'],
  ['gpu', 'NVIDIA GB10, 580.126.09, 0, 4.2, 2411'],
  ['docker', '29.2.1'],
  ['image', 'vllm-node:latest|sha256:aa'],
  ['container', 'comfyui|running|comfyui|0.0.0.0:8188->8188/tcp|Up 2 hours'],
  ['launcher', 'ok'],
  ['launcher-commit', 'a10c3f7 2026-10-05'],
  ['launcher-knows', '--solo'],
  ['launcher-knows', '--no-ray'],
  ['launcher-knows', 'hf-download'],
  ['env', 'ok'],
  ['env-line', 'CLUSTER_NODES=192.168.177.11,192.168.177.12'],
  ['uvx', 'path'],
  ['hub', '/home/spark/.cache/huggingface/hub'],
  ['hub-launcher', '/home/spark/.cache/huggingface/hub'],
  ['hub-state', 'ok'],
  ['hub-models', '3'],
  ['hub-foreign', ''],
  ['disk', '/dev/nvme0n1p2 959785008 480000000 479785008 51% /'],
  ['worker', '192.168.177.12 ok'],
  ['kernel-readable', 'yes'],
  ['clock', '1001.5'],
]
