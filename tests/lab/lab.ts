import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { claim } from './claim'
import { command } from './command'
import { removeControlGroups } from './control-groups'
import { type Faults, labFaults } from './faults'
import { type LabHost, labHost } from './host'
import { imageRoot } from './image'
import { createNetwork, removeNetwork } from './network'

/** Hosts with real OpenSSH and real Docker, on a network of their own. */
export interface Lab {
  hosts: LabHost[]
  /** A `spark.config.yaml` of it, with a key that the hosts let in. */
  configPath: string
  /** Empty: for the control plane. */
  data: string
  faults: Faults
  /** Changes how the engine on this port of a host behaves; see programs/engine.ts. */
  steer(host: LabHost, port: number, steering: Record<string, number>): Promise<void>
  stop(): Promise<void>
}

/** Ports of the lab's services: a model server on the first host, an embedder and another model server on the last. */
export const ports = { llm: 8888, embed: 8088, judge: 8889 }

const engine = ['/opt/lab/bun', '/opt/lab/programs/engine.ts']

/** Boots a lab and starts its containers; the caller stops it. Whatever ends this process ends the hosts too. */
export async function labCluster({ hosts: count = 2 } = {}): Promise<Lab> {
  const claimed = await claim()
  const { number, folder } = claimed
  const key = join(folder, 'key')
  await Promise.all([createNetwork(number), command(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key])])
  const authorized = readFileSync(`${key}.pub`, 'utf8')
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  const hosts = await Promise.all(numbers.map((each) => labHost(claimed, each, authorized)))
  const faults = labFaults(claimed)

  async function stop() {
    await Promise.all(hosts.map((host) => host.powerOff()))
    await removeNetwork(number)
    removeControlGroups(number)
    rmSync(folder, { recursive: true, force: true })
  }

  try {
    const tar = await imageRoot(folder)
    await Promise.all(
      hosts.map(async (host) => {
        await host.boot()
        await host.docker.ready()
        await host.docker.importImage(tar)
      }),
    )
    await hosts[0]?.docker.run('vllm_node', engine, { PORT: String(ports.llm) })
    await hosts.at(-1)?.docker.run('embedder', engine, { PORT: String(ports.embed), MODEL: 'lab/embedder' })
    await hosts.at(-1)?.docker.run('vllm_judge', engine, { PORT: String(ports.judge), MODEL: 'lab/judge' })
    const configPath = join(folder, 'spark.config.yaml')
    writeFileSync(configPath, configuration(hosts, key))
    return {
      hosts,
      configPath,
      data: join(folder, 'data'),
      faults,
      async steer({ address }, port, steering) {
        await fetch(`http://${address}:${port}/steer`, { method: 'POST', body: JSON.stringify(steering) })
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function configuration(hosts: LabHost[], key: string): string {
  return `name: lab
ssh: { key: ${JSON.stringify(key)} }
hosts:
${hosts.map(({ id, address }) => `  ${id}: { address: ${address}, user: spark }`).join('\n')}
services:
  llm: { kind: vllm, host: ${hosts[0]?.id}, port: ${ports.llm}, container: vllm_node }
  judge: { kind: vllm, host: ${hosts.at(-1)?.id}, port: ${ports.judge}, container: vllm_judge }
  embed:
    kind: http
    host: ${hosts.at(-1)?.id}
    port: ${ports.embed}
    container: embedder
    probe: { path: /health }
`
}
