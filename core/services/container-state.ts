import type { LiveHost } from '../cluster/hosts'
import { plainText } from '../cluster/plain-text'
import { jobFailure } from '../jobs/job-failure'

/** A container as docker itself sees it at this moment. */
export interface ContainerState {
  running: boolean
  /** docker's word for when it last started; changes with every start. */
  startedAt: string
  exitCode: number
  /** Of its own HEALTHCHECK; null where it has none. */
  health: 'healthy' | 'unhealthy' | 'starting' | null
}

/** Asks docker; null when there is no such container. @throws {JobFailure} when docker does not answer */
export async function containerState(
  live: LiveHost,
  container: string,
  signal?: AbortSignal,
): Promise<ContainerState | null> {
  const command = ['docker', 'container', 'inspect', '--format', '{{json .State}}', '--', container]
  const { code, stdout, stderr } = await live.run(command, { timeoutMs: 20_000, signal })
  if (code !== 0 && /no such/i.test(stderr)) return null
  if (code !== 0) throw dockerFailure(live, stderr)
  const { Running, StartedAt, ExitCode, Health } = JSON.parse(stdout) as {
    Running: boolean
    StartedAt: string
    ExitCode: number
    Health?: { Status: string }
  }
  const health = Health?.Status
  return {
    running: Running,
    startedAt: StartedAt,
    exitCode: ExitCode,
    health: health === 'healthy' || health === 'unhealthy' || health === 'starting' ? health : null,
  }
}

/** The failure of whatever needs a container that is not there. */
export function containerMissing({ host }: LiveHost, container: string) {
  return jobFailure(
    'container_missing',
    `there is no container ${container} on ${host.id}`,
    'create it there, or correct `container` in spark.config.yaml',
  )
}

/** What docker said, with what helps against it. */
export function dockerFailure(live: LiveHost, said: string) {
  const { id, user } = live.host
  if (/permission denied/i.test(said))
    return jobFailure(
      'docker_refused',
      `${user} may not use docker on ${id}`,
      `on that Spark: sudo usermod -aG docker ${user}, then try again`,
    )
  const line = plainText(said.trim().split('\n').at(-1) ?? '') || 'it said nothing'
  return jobFailure(
    'docker_failed',
    `docker on ${id}: ${line}`,
    'look at docker on that Spark: systemctl status docker',
  )
}
