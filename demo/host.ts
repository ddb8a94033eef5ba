import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { containers, removeContainer } from './docker/container'
import { dockerDaemon } from './docker/daemon'
import { type FaultTimes, type HostFault, timesOf } from './faults'
import { hostKey } from './host-key'
import { authorizedKeyFiles, type HostLayout } from './layout'
import { hostEnvironment } from './machine/environment'
import { interfacesOf } from './machine/interfaces'
import { machineModel } from './machine/model'
import { answers } from './machine/ports'
import { killAll } from './machine/processes'
import { type Login, sshServer } from './ssh-server'

/** A server that stands in a container of its own and comes back with the machine. */
export interface HttpService {
  id: string
  container: string
  program: string
  /** 0: it listens on none. */
  port: number
  /** `/on/the/host:/in/the/container`. */
  volume?: string
  /** Path that its container's HEALTHCHECK asks, where it has one. */
  health?: string
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
  inject(kind: HostFault, seconds: number): Promise<FaultTimes>
  clear(): Promise<void>
  stop(): Promise<void>
}

const HEALTH =
  '--health-interval 10s --health-timeout 3s --health-retries 3 --health-start-period 30s --health-start-interval 1s'

/** Starts a host whose layout is written. */
export async function simulatedHost(
  layout: HostLayout,
  services: HttpService[],
  others: Login[] = [],
): Promise<SimulatedHost> {
  const { directory, address } = layout
  const environment = hostEnvironment(layout)
  const home = join(directory, 'home')
  const healing = new Map<HostFault, Timer>()
  const model = machineModel(directory, layout.speed, interfacesOf(layout))
  const daemon = dockerDaemon(environment)
  const ssh = await sshServer({
    address,
    port: layout.sshPort,
    hostKey: hostKey(layout.id),
    logins: [{ user: 'spark', authorizedKeys: authorizedKeyFiles(layout.cluster, directory), environment }, ...others],
  })
  for (const service of services) {
    const { code, stderr } = await start(service)
    if (code !== 0) throw new Error(`${service.container}: docker ended with ${code}; it said: ${stderr}`)
    await answering(service)
  }

  function start({ container, program, port, volume, health }: HttpService) {
    const known = existsSync(join(directory, 'state/containers', container, 'container.json'))
    const check = health ? `--health-cmd 'curl -fsS http://localhost:${port}${health}' ${HEALTH}` : ''
    const flags = `-d --name ${container} --network host ${check} ${volume ? `-v ${volume}` : ''}`
    const listen = port === 0 ? '' : `--port ${port}`
    return run(known ? `docker start ${container}` : `docker run ${flags} ${container} ${program} ${listen}`)
  }

  /** A server that never opens its port shows itself in its log, so this gives up quietly. */
  async function answering({ port }: HttpService) {
    if (port === 0) return
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
    const times = timesOf(seconds)
    writeFileSync(file(kind), JSON.stringify({ kind, ...times }))
    healing.set(
      kind,
      setTimeout(() => void heal(kind), seconds * 1000),
    )
    if (kind === 'host-key-changed') ssh.useHostKey(hostKey(`${layout.id}, installed anew`))
    if (kind === 'reboot') powerOff()
    await settle()
    return times
  }

  async function heal(kind: HostFault) {
    clearTimeout(healing.get(kind))
    if (!healing.delete(kind)) return
    if (kind === 'reboot') model.reboot()
    rmSync(file(kind), { force: true })
    if (kind === 'host-key-changed') ssh.useHostKey(hostKey(layout.id))
    await settle()
    if (kind === 'reboot') await bootContainers()
  }

  /** What is there from the start, and what dockerd starts by its policy. */
  async function bootContainers() {
    for (const service of services) await start(service)
    for (const { name, restart } of containers(directory)) if (restart !== 'no') await run(`docker start ${name}`)
  }

  /** What a client on the network sees follows from all faults that hold now. */
  async function settle() {
    if (healing.has('link-down')) await ssh.cut()
    else if (healing.has('reboot')) await ssh.close()
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
      daemon.stop()
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
