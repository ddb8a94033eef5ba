import { join } from 'node:path'
import { type Container, directoryOf, find, type HealthCheck, healthOf, stateOf } from './container'
import { fail } from './fail'
import { findImage, inspectImage } from './images'
import { readOptions } from './options'
import { renderTemplate } from './template'

/** `docker inspect`: containers, and images where no container has that name. */
export function inspect(argv: string[]) {
  const options = readOptions('inspect', argv, {
    values: ['format', 'type'],
    switches: ['size'],
    shorts: { f: 'format', s: 'size' },
  })
  const format = options.one('format')
  if (options.rest.length === 0) fail("docker: 'docker inspect' requires at least 1 argument")
  const [only] = options.rest
  if (only && !find(only) && findImage(only)) return inspectImage(argv)
  const found = options.rest.map((reference) => find(reference))
  const shown = found.flatMap((one) => one ?? []).map(describe)
  if (format === null) console.log(JSON.stringify(shown, null, 4))
  else console.log(shown.map((one) => renderTemplate(format, one)).join('\n'))
  const missing = found.indexOf(null)
  if (missing >= 0) fail(`Error: No such object: ${options.rest[missing]}`)
}

function describe(container: Container) {
  const state = stateOf(container.name)
  const health = healthOf(container)
  const [policy, most = 0] = container.restart.split(':')
  const [path = '', ...args] = container.command
  return {
    Id: container.id,
    Created: new Date(container.created).toISOString(),
    Path: path,
    Args: args,
    State: {
      Status: state.status,
      // One that waits for its next start counts as running.
      Running: state.status === 'running' || state.status === 'restarting',
      Paused: false,
      Restarting: state.status === 'restarting',
      OOMKilled: state.oomKilled,
      Dead: false,
      Pid: state.pid,
      ExitCode: state.exitCode,
      Error: '',
      StartedAt: time(state.startedAt),
      FinishedAt: time(state.finishedAt),
      ...(health ? { Health: { Status: health.status, FailingStreak: health.failingStreak, Log: health.log } } : {}),
    },
    Image: container.imageId,
    LogPath: join(directoryOf(container.name), 'log'),
    Name: `/${container.name}`,
    RestartCount: state.restarts,
    HostConfig: {
      Binds: container.mounts.map(({ source, target }) => `${source}:${target}`),
      NetworkMode: container.network,
      RestartPolicy: { Name: policy, MaximumRetryCount: Number(most) },
      AutoRemove: container.autoRemove,
      Privileged: container.privileged,
    },
    Mounts: container.mounts.map(({ source, target }) => ({
      Type: 'bind',
      Source: source,
      Destination: target,
      Mode: '',
      RW: true,
    })),
    Config: {
      Hostname: process.env.SPARK_SIM_HOST ?? '',
      Env: Object.entries(container.environment).map(([key, value]) => `${key}=${value}`),
      Cmd: container.command.slice(container.entrypoint.length),
      Image: container.image,
      WorkingDir: container.workdir ?? '',
      Entrypoint: container.entrypoint.length > 0 ? container.entrypoint : null,
      Labels: container.labels,
      ...(container.health ? { Healthcheck: healthcheck(container.health) } : {}),
    },
  }
}

const nanoseconds = (milliseconds: number) => milliseconds * 1e6

const healthcheck = (check: HealthCheck) => ({
  Test: ['CMD-SHELL', check.command],
  Interval: nanoseconds(check.interval),
  Timeout: nanoseconds(check.timeout),
  StartPeriod: nanoseconds(check.startPeriod),
  Retries: check.retries,
})

const time = (moment: number) => (moment ? new Date(moment).toISOString() : '0001-01-01T00:00:00Z')
