import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Exec } from './docker/exec'
import { type FaultTimes, type ServiceFault, timesOf } from './faults'
import type { SimulatedHost } from './host'
import { processesOf } from './machine/processes'

export interface ServiceFaults {
  id: string
  inject(kind: ServiceFault, seconds: number): Promise<FaultTimes>
  clear(): Promise<void>
  stop(): void
}

/** Faults of one service: its server reads the file written here; what it ended itself over is started again afterwards. */
export function serviceFaults(
  { id, container, port }: { id: string; container: string; port: number },
  host: SimulatedHost,
): ServiceFaults {
  const file = join(host.directory, `state/faults/port-${port}.json`)
  let healing: Timer | null = null
  let restart: (() => Promise<unknown>) | null = null

  async function heal() {
    if (healing) clearTimeout(healing)
    healing = null
    rmSync(file, { force: true })
    const again = restart
    restart = null
    await again?.()
  }

  return {
    id,
    async inject(kind, seconds) {
      if (healing) clearTimeout(healing)
      if (kind === 'stop' || kind === 'crash') restart ??= howToRestart(host, container, port)
      const times = timesOf(seconds)
      writeFileSync(file, JSON.stringify({ kind, ...times }))
      healing = setTimeout(() => void heal(), seconds * 1000)
      return times
    },
    async clear() {
      if (healing) await heal()
    },
    stop() {
      if (healing) clearTimeout(healing)
    },
  }
}

/** A server that is its container's first process comes back by `docker start`, one beside `sleep` by the same `docker exec`. */
function howToRestart(host: SimulatedHost, container: string, port: number): (() => Promise<unknown>) | null {
  if (container !== 'vllm_node') return () => host.run(`docker start ${container}`)
  const serving = () =>
    processesOf({ directory: host.directory, container }).find(
      (one) => one.program === 'vllm' && one.args.join(' ').includes(String(port)),
    )
  const exec = execOf(host, container, serving()?.group)
  if (!exec) return null
  return async () => {
    // Somebody may have launched another model meanwhile, or removed the container.
    const { stdout } = await host.run(`docker inspect --format '{{.Id}}' ${container}`)
    if (stdout.trim() !== exec.containerId || serving()) return
    const variables = Object.entries(exec.environment).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    await host.run(`docker exec -d ${[...variables, container, ...exec.command].map(quoted).join(' ')}`)
  }
}

function execOf(host: SimulatedHost, container: string, group: number | undefined): Exec | null {
  try {
    return JSON.parse(
      readFileSync(join(host.directory, 'state/containers', container, 'execs', `${group}.json`), 'utf8'),
    ) as Exec
  } catch {
    return null
  }
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`
