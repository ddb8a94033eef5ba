import { join } from 'node:path'

/** What a process on a simulated host is told; the stand-ins and the model program rely on exactly these. */
export interface HostPlace {
  id: string
  /** <cluster>/hosts/<id>, SPARK_SIM_DIR. */
  directory: string
  cluster: string
  /** Bound instead of 0.0.0.0. */
  address: string
  speed: number
  launcher: 'new' | 'old'
  /** Address of the simulated hub. */
  hub: string
}

const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** The whole environment of a non-interactive login; `~/.local/bin` is not on PATH there, as on a real Spark. */
export function hostEnvironment(host: HostPlace): Record<string, string> {
  return {
    HOME: join(host.directory, 'home'),
    USER: 'spark',
    LOGNAME: 'spark',
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    PATH: `${join(host.directory, 'bin')}:${SYSTEM_PATH}`,
    SPARK_SIM_DIR: host.directory,
    SPARK_SIM_CLUSTER: host.cluster,
    SPARK_SIM_HOST: host.id,
    SPARK_SIM_ADDRESS: host.address,
    SPARK_SIM_SPEED: String(host.speed),
    SPARK_SIM_LAUNCHER: host.launcher,
    HF_ENDPOINT: host.hub,
  }
}

/** The environment inside a container, from that of the host: its own PATH, and the name of the container. */
export function containerEnvironment(
  host: Record<string, string | undefined>,
  container: string,
  own: Record<string, string>,
): Record<string, string> {
  const kept = Object.entries(host).filter(([name]) => name.startsWith('SPARK_SIM_') || name === 'LANG')
  return {
    ...Object.fromEntries(kept.map(([name, value]) => [name, value ?? ''])),
    SPARK_SIM_CONTAINER: container,
    HOME: host.HOME ?? '/root',
    USER: 'root',
    HOSTNAME: host.SPARK_SIM_HOST ?? 'spark',
    ...own,
    PATH: `${join(host.SPARK_SIM_CLUSTER ?? '', 'container-bin')}:${SYSTEM_PATH}`,
  }
}
