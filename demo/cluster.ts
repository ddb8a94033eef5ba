import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DemoBot, demoBot } from './bot'
import { type ClusterFaults, clusterFaults } from './cluster-faults'
import { clusterFolder, copyRecipes } from './cluster-folder'
import { demoConfiguration } from './configuration'
import { type HttpService, type SimulatedHost, simulatedHost } from './host'
import { type DemoHub, demoHub } from './hub'
import { launchRecipe } from './launch'
import { writeClusterKey, writeContainerPrograms, writeHost } from './layout'
import { lifeline } from './machine/lifeline'
import { killAll } from './machine/processes'
import { writeHeldModels } from './models'
import { type DemoPorts, findPlaces, type Places } from './places'
import { type DemoRecipe, demoRecipes } from './recipes'
import { type RunningProcess, runningProcesses } from './running'
import { type ServiceFaults, serviceFaults } from './service-faults'

export interface ClusterOptions {
  hosts?: number
  /** Loads and downloads go this many times faster. */
  speed?: number
  /** Where everything is kept; a folder in the system's temporary directory, removed at the end, when left out. */
  directory?: string
  launcher?: 'new' | 'old'
  /** The first host's; the others count up from it. */
  firstAddress?: string
  /** `preferred` takes the usual ports where they are free; `free` takes any, for tests. */
  ports?: 'preferred' | 'free'
  /** Folder whose recipes are copied into the cluster. */
  recipes?: string
  /** Recipe that runs when the cluster is handed over. */
  loaded?: string | null
}

export interface SimulatedCluster {
  directory: string
  /** spark.config.yaml, as `serve --config` takes it. */
  configPath: string
  hosts: SimulatedHost[]
  ports: DemoPorts
  /** Has it the service that is updated from git? Not where there is no git. */
  bot: boolean
  faults: ClusterFaults
  /** What really runs on the hosts, from the machine's own process table. */
  processes(): RunningProcess[]
  stop(): Promise<void>
}

const RECIPES = join(import.meta.dir, '../recipes')

/** Builds a cluster of simulated Sparks and starts it: real SSH, real processes, nothing outside 127.0.0.0/8. */
export async function simulatedCluster(options: ClusterOptions = {}): Promise<SimulatedCluster> {
  const { hosts: count = 2, speed = 1, launcher = 'new', firstAddress = '127.0.0.11' } = options
  const folder = clusterFolder(options.directory)
  const { directory } = folder
  killAll({ cluster: directory })
  const line = lifeline(directory, folder.remove, folder.temporary)
  const hosts: SimulatedHost[] = []
  const services: ServiceFaults[] = []
  let hub: DemoHub | null = null

  async function stop() {
    for (const service of services) service.stop()
    hub?.stop()
    await Promise.all(hosts.map((host) => host.stop()))
    line.end()
  }

  async function start(): Promise<SimulatedCluster> {
    const places = await findPlaces({
      directory,
      hosts: count,
      firstAddress,
      speed,
      launcher,
      ports: options.ports ?? 'preferred',
    })
    const { ports, head, second } = places
    hub = demoHub(places.hubAddress, ports.hub)
    const http: HttpService[] = [
      { id: 'embed', container: 'bge-m3', program: 'embedder', port: ports.embed, health: '/health' },
      { id: 'comfy', container: 'comfyui', program: 'comfy', port: ports.comfy },
    ]
    copyRecipes(options.recipes ?? RECIPES, join(directory, 'recipes'))
    const recipes = demoRecipes(join(directory, 'recipes'))
    const { configPath, bot } = write(places, directory, recipes)
    for (const place of places.all) {
      const here = place === second ? http : []
      const bots = place === second && bot ? [bot] : []
      const host = await simulatedHost(
        place,
        [...here, ...bots.map(({ service }) => service)],
        bots.map(({ login }) => login),
      )
      hosts.push(host)
      if (place === head) services.push(serviceFaults({ id: 'llm', container: 'vllm_node', port: ports.llm }, host))
      services.push(...here.map((service) => serviceFaults(service, host)))
    }
    const faults = clusterFaults(directory, hosts, services, recipes, hub.faults)
    if (options.loaded) await launchRecipe(named(recipes, options.loaded), hosts, ports.llm, launcher)
    const processes = () => runningProcesses(directory, ports, recipes)
    return { directory, configPath, hosts, ports, bot: bot !== null, faults, processes, stop }
  }

  return start().catch(async (error: unknown) => {
    await stop()
    throw error
  })
}

/** Everything on disk: the key, the programs, each host's folder with the models it holds, and the config last. */
function write(
  { all, second, ports }: Places,
  directory: string,
  recipes: DemoRecipe[],
): { configPath: string; bot: DemoBot | null } {
  const key = writeClusterKey(directory)
  writeContainerPrograms(directory)
  const mods = recipes.flatMap((recipe) => recipe.mods)
  for (const [index, place] of all.entries()) {
    writeHost(place, all, mods)
    writeHeldModels(join(place.directory, 'home'), index)
  }
  const bot = demoBot(second)
  const configPath = join(directory, 'spark.config.yaml')
  writeFileSync(configPath, demoConfiguration(all, ports, key, bot !== null))
  return { configPath, bot }
}

function named(recipes: DemoRecipe[], id: string): DemoRecipe {
  const recipe = recipes.find((one) => one.id === id)
  if (!recipe) throw new Error(`${id}: no such recipe; there are ${recipes.map((one) => one.id).join(', ') || 'none'}`)
  return recipe
}
