import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { containers, removeContainer } from './docker/container'
import type { HostFault } from './faults'
import { hostKey } from './host-key'
import { authorizedKeyFiles, type HostLayout } from './layout'
import { hostEnvironment } from './machine/environment'
import { machineModel } from './machine/model'
import { answers } from './machine/ports'
import { killAll } from './machine/processes'
import { sshServer } from './ssh-server'

/** A server that stands in a container of its own and comes back with the machine. */
export interface HttpService {
  id: string
  container: string
  program: string
  port: number
}

/** One simulated Spark: a directory, an SSH server, a machine model, and the processes that run on it. */
export interface SimulatedHost {
  id: string
  address: string
  fabric: string
  sshPort: number
  home: string
  directory: string
  /** Runs a command there as a person at its prompt would: `/bin/sh -c`. */
  run(command: string): Promise<{ code: number; stdout: string; stderr: string }>
  inject(kind: HostFault, seconds: number): Promise<void>
  clear(): Promise<void>
  stop(): Promise<void>
}

/** Starts a host whose layout is written. */
export async function simulatedHost(layout: HostLayout, services: HttpService[]): Promise<SimulatedHost> {
  const { directory, address } = layout
  const environment = hostEnvironment(layout)
  const home = join(directory, 'home')
  const healing = new Map<HostFault, Timer>()
  const model = machineModel(directory, layout.speed)
  const ssh = await sshServer({
    address,
    port: layout.sshPort,
    user: 'spark',
    hostKey: hostKey(layout.id),
    authorizedKeys: authorizedKeyFiles(layout.cluster, directory),
    environment,
  })
  for (const service of services) {
    const { code, stderr } = await start(service)
    if (code !== 0) throw new Error(`${service.container}: docker ended with ${code}; it said: ${stderr}`)
    await answering(service)
  }

  function start({ container, program, port }: HttpService) {
    const known = existsSync(join(directory, 'state/containers', container, 'container.json'))
    const flags = `-d --name ${container} --restart unless-stopped --network host`
    return run(known ? `docker start ${container}` : `docker run ${flags} ${container} ${program} --port ${port}`)
  }

  /** A server that never opens its port shows itself in its log, so this gives up quietly. */
  async function answering({ port }: HttpService) {
    for (let tries = 0; tries < 250 && !(await answers(address, port)); tries++) await Bun.sleep(20)
  }

  async function run(command: string) {
    const child = Bun.spawn(['/bin/sh', '-c', command], {
      cwd: home,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ])
    return { code, stdout, stderr }
  }

  const file = (kind: HostFault) => join(directory, 'state/faults', `${kind}.json`)

  async function inject(kind: HostFault, seconds: number) {
    clearTimeout(healing.get(kind))
    const until = Date.now() + seconds * 1000
    writeFileSync(file(kind), JSON.stringify({ kind, until }))
    healing.set(
      kind,
      setTimeout(() => void heal(kind), seconds * 1000),
    )
    if (kind === 'host-key-changed') ssh.useHostKey(hostKey(`${layout.id}, installed anew`))
    if (kind === 'reboot') powerOff()
    await settle()
  }

  async function heal(kind: HostFault) {
    clearTimeout(healing.get(kind))
    if (!healing.delete(kind)) return
    if (kind === 'reboot') model.reboot()
    rmSync(file(kind), { force: true })
    if (kind === 'host-key-changed') ssh.useHostKey(hostKey(layout.id))
    await settle()
    if (kind === 'reboot') for (const service of services) await start(service)
  }

  /** What a client on the network sees follows from all faults that hold now. */
  async function settle() {
    if (healing.has('link-down') || healing.has('reboot')) ssh.cut()
    else if (healing.has('ssh-frozen')) await ssh.freeze()
    else await ssh.heal()
    model.tick()
  }

  /** Everything dies at once. */
  function powerOff() {
    ssh.reset()
    killAll({ directory })
    forget(directory)
  }

  return {
    id: layout.id,
    address,
    fabric: layout.fabric,
    sshPort: ssh.port,
    home,
    directory,
    run,
    inject,
    async clear() {
      for (const kind of [...healing.keys()]) await heal(kind)
    },
    async stop() {
      for (const timer of healing.values()) clearTimeout(timer)
      healing.clear()
      model.stop()
      await ssh.stop()
      killAll({ directory })
    },
  }
}

/** What a machine that lost power has forgotten: claims, and the containers that were told `--rm`. */
function forget(directory: string) {
  for (const folder of ['memory', 'activity', 'ports']) {
    rmSync(join(directory, 'state', folder), { recursive: true, force: true })
    mkdirSync(join(directory, 'state', folder), { recursive: true })
  }
  for (const container of containers(directory)) if (container.autoRemove) removeContainer(container, directory)
}
