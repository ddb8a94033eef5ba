import { neverTried } from '../cluster/link'
import { engines } from './engines'
import type { FoundEngine, FoundSpark, Seen } from './found'

/** A Spark as a look leaves it; `n` counts from 1. */
export function sampleSpark(n: number, seen: Partial<Seen> | null = {}, more: Partial<FoundSpark> = {}): FoundSpark {
  return {
    id: `spark-${n}`,
    target: { user: 'spark', address: `192.0.2.${10 + n}`, sshPort: 22 },
    resolved: `192.0.2.${10 + n}`,
    link: neverTried,
    fingerprint: `SHA256:key-${n}`,
    seen: seen && { ...sampleSeen(n), ...seen },
    ...more,
  }
}

const sampleSeen = (n: number): Seen => ({
  hostname: `gx10-${n}`,
  bootId: `boot-${n}`,
  machineId: `machine-${n}`,
  gpu: 'NVIDIA GB10',
  driver: '580.126.09',
  memoryBytes: 127_600_748 * 1024,
  diskFreeBytes: 4e11,
  launcher: n === 1 ? '~/spark-vllm-docker' : null,
  addresses: [
    { name: 'enP7s7', address: `192.0.2.${10 + n}` },
    { name: 'enp1s0f1np1', address: `192.168.177.${10 + n}` },
  ],
  fabric: `192.168.177.${10 + n}`,
  docker: true,
  containers: [],
  cache: { path: '~/.cache/huggingface/hub', models: 3, bytes: 1e11 },
  engines: [],
})

/** What answers on a port, as its row in the table says. */
export function sampleEngine(name: string, port: number, models: string[] = [], container?: string): FoundEngine {
  const row = engines.find(({ engine }) => engine === name)
  if (!row) throw new Error(`${name}: no such engine; see engines.ts`)
  const { engine, title, kind, probe } = row
  return {
    port,
    container: container === undefined ? null : { name: container, image: container, state: 'running', ports: [port] },
    recognised: { engine, title, kind, models, ...(probe === undefined ? {} : { probe }) },
  }
}
