import type { Engine } from './engine'
import type { World } from './world'

export interface Container {
  name: string
  running: boolean
  exit: number | null
  log: string[]
  /** What runs inside; two of them are what must never be. */
  engines: Set<Engine>
}

/** The containers of one Spark by name, as docker keeps them. */
export interface Containers {
  get(name: string): Container | undefined
  all(): Container[]
  /** @returns null where the name is taken */
  create(name: string): Container | null
  stop(name: string): void
  remove(name: string): void
  /** All of them end at once; none comes back by itself. */
  powerCut(): void
}

export function containers(host: string, { trace }: World): Containers {
  const byName = new Map<string, Container>()

  function endEngines(container: Container, why: string) {
    for (const engine of [...container.engines]) engine.end(why)
    container.engines.clear()
  }

  return {
    get: (name) => byName.get(name),
    all: () => [...byName.values()],
    create(name) {
      if (byName.has(name)) return null
      const made: Container = { name, running: true, exit: null, log: [], engines: new Set() }
      byName.set(name, made)
      trace.add(`${host} container ${name} runs`)
      return made
    },
    stop(name) {
      const found = byName.get(name)
      if (!found?.running) return
      Object.assign(found, { running: false, exit: 137 })
      trace.add(`${host} container ${name} stopped`)
      endEngines(found, 'its container was stopped')
    },
    remove(name) {
      const found = byName.get(name)
      if (!found) return
      byName.delete(name)
      found.running = false
      trace.add(`${host} container ${name} removed`)
      endEngines(found, 'its container was removed')
    },
    powerCut() {
      // Launchers start theirs with --rm: the docker daemon clears those away when it comes up again.
      for (const found of byName.values()) {
        found.running = false
        endEngines(found, 'its Spark restarted')
      }
      byName.clear()
    },
  }
}
