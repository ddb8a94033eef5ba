import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type DemoPorts, demoConfiguration } from './configuration'
import type { FaultSubject, HostFault, RecipeFault, ServiceFault } from './faults'
import { type HttpService, type SimulatedHost, simulatedHost } from './host'
import { launchRecipe } from './launch'
import { type HostLayout, writeClusterKey, writeContainerPrograms, writeHost } from './layout'
import { lifeline } from './machine/lifeline'
import { bindable, usablePort } from './machine/ports'
import { demoModels, writeModels } from './models'
import { demoRecipes } from './recipes'
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
  faults: {
    host(id: string, kind: HostFault, seconds: number): Promise<void>
    service(id: string, kind: ServiceFault, seconds: number): Promise<void>
    recipe(id: string, kind: RecipeFault): Promise<void>
    clear(): Promise<void>
  }
  has(subject: FaultSubject, id: string): boolean
  /** What really runs on the hosts, from the machine's own process table. */
  processes(): RunningProcess[]
  stop(): Promise<void>
}

const RECIPES = join(import.meta.dir, '../recipes')
const PREFERRED = { ssh: 2222, llm: 8888, embed: 8088, comfy: 8188 }

/** Builds a cluster of simulated Sparks and starts it: real SSH, real processes, nothing outside 127.0.0.0/8. */
export async function simulatedCluster(options: ClusterOptions = {}): Promise<SimulatedCluster> {
  const { speed = 1, launcher = 'new', ports: wanted = 'preferred', recipes = RECIPES, loaded = null } = options
  const place = ownDirectory(options.directory)
  const { directory } = place
  const key = writeClusterKey(directory)
  const line = lifeline(directory, place.remove, place.temporary)
  const addresses = await hostAddresses(options.hosts ?? 2, options.firstAddress ?? '127.0.0.11')
  const layouts: HostLayout[] = []
  for (const [index, address] of addresses.entries()) {
    const id = `spark-${index + 1}`
    const sshPort = await usablePort(
      address,
      wanted === 'preferred' ? PREFERRED.ssh + (addresses[0] === addresses[1] ? index : 0) : 0,
    )
    layouts.push({
      id,
      address,
      sshPort,
      fabric: `192.168.177.${11 + index}`,
      directory: join(directory, 'hosts', id),
      cluster: directory,
      speed,
      launcher,
    })
  }
  const [head] = layouts
  if (!head) throw new Error('hosts: at least one is needed; give a number from 1')
  const second = layouts[1] ?? head
  const port = (address: string, preferred: number) => usablePort(address, wanted === 'preferred' ? preferred : 0)
  const ports = {
    llm: await port(head.address, PREFERRED.llm),
    embed: await port(second.address, PREFERRED.embed),
    comfy: await port(second.address, PREFERRED.comfy),
  }
  copyRecipes(recipes, join(directory, 'recipes'))
  mkdirSync(join(directory, 'faults/models'), { recursive: true })
  writeContainerPrograms(directory)
  const catalogue = demoRecipes(join(directory, 'recipes'))
  for (const [index, layout] of layouts.entries()) {
    writeHost(
      layout,
      layouts,
      catalogue.flatMap((recipe) => recipe.mods),
    )
    const held = demoModels.filter((model) => model.hosts.includes(index)).map((model) => model.repo)
    writeModels(join(layout.directory, 'home/.cache/huggingface/hub'), held)
  }
  const services: HttpService[] = [
    { id: 'embed', container: 'bge-m3', program: 'embedder', port: ports.embed },
    { id: 'comfy', container: 'comfyui', program: 'comfy', port: ports.comfy },
  ]
  const hosts = await Promise.all(layouts.map((layout) => simulatedHost(layout, layout === second ? services : [])))
  const configPath = join(directory, 'spark.config.yaml')
  const listening = layouts.map((layout, index) => ({ ...layout, sshPort: hosts[index]?.sshPort ?? layout.sshPort }))
  writeFileSync(configPath, demoConfiguration(listening, ports, key))

  const hostOf = (id: string): SimulatedHost => {
    const host = hosts.find((one) => one.id === id)
    if (!host) throw new Error(`${id}: no such host`)
    return host
  }
  const standing: ServiceFaults[] = [
    serviceFaults({ id: 'llm', container: 'vllm_node', port: ports.llm }, hostOf(head.id)),
    ...services.map((service) => serviceFaults(service, hostOf(second.id))),
  ]
  const modelFault = (repo: string) => join(directory, 'faults/models', `${repo.replace('/', '--')}.json`)

  const cluster: SimulatedCluster = {
    directory,
    configPath,
    hosts,
    ports,
    faults: {
      host: async (id, kind, seconds) => hostOf(id).inject(kind, seconds),
      service: async (id, kind, seconds) => standing.find((one) => one.id === id)?.inject(kind, seconds),
      async recipe(id, kind) {
        const repo = catalogue.find((recipe) => recipe.id === id)?.repo ?? ''
        writeFileSync(modelFault(repo), JSON.stringify({ kind }))
      },
      async clear() {
        rmSync(join(directory, 'faults/models'), { recursive: true, force: true })
        mkdirSync(join(directory, 'faults/models'))
        await Promise.all(hosts.map((host) => host.clear()))
        await Promise.all(standing.map((one) => one.clear()))
      },
    },
    has: (subject, id) =>
      (subject === 'hosts' ? hosts : subject === 'services' ? standing : catalogue).some((one) => one.id === id),
    processes: () => runningProcesses(directory, ports, catalogue),
    async stop() {
      for (const one of standing) one.stop()
      await Promise.all(hosts.map((host) => host.stop()))
      line.end()
    },
  }
  if (loaded !== null) {
    const recipe = catalogue.find((one) => one.id === loaded)
    await (recipe
      ? launchRecipe(recipe, hosts, ports.llm, launcher)
      : Promise.reject(new Error(`${loaded}: no such recipe in ${recipes}`))
    ).catch(async (error: unknown) => {
      await cluster.stop()
      throw error
    })
  }
  return cluster
}

/** Paths go into shell text of the launcher unquoted, so a folder with blanks or the like in its name gets a plain alias. */
function ownDirectory(asked: string | undefined) {
  const directory = asked === undefined ? null : resolve(asked)
  if (directory) mkdirSync(directory, { recursive: true })
  if (directory && /^[\w./@+-]+$/.test(directory)) return { directory, temporary: null, remove() {} }
  const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'spark-demo-')))
  const remove = () => rmSync(temporary, { recursive: true, force: true })
  if (!directory) return { directory: temporary, temporary, remove }
  symlinkSync(directory, join(temporary, 'cluster'))
  return { directory: join(temporary, 'cluster'), temporary, remove }
}

/** 127.0.0.11, .12, … where the system has the whole of 127/8, else 127.0.0.1 for every host. */
async function hostAddresses(count: number, first: string): Promise<string[]> {
  const at = first.lastIndexOf('.')
  const own = Array.from(
    { length: count },
    (_, index) => `${first.slice(0, at)}.${Number(first.slice(at + 1)) + index}`,
  )
  const usable = await Promise.all(own.map(bindable))
  return usable.every(Boolean) ? own : own.map(() => '127.0.0.1')
}

function copyRecipes(from: string, to: string) {
  mkdirSync(to, { recursive: true })
  if (!existsSync(from) || resolve(from) === resolve(to)) return
  for (const name of readdirSync(from)) if (/\.ya?ml$/.test(name)) copyFileSync(join(from, name), join(to, name))
}
