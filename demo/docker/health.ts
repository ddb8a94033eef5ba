import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { signal } from '../machine/processes'
import { type Container, directoryOf, emit, type Health, type HealthCheck, healthOf, save } from './container'
import { insideOf } from './lifecycle'

/** Runs the checks that containers were started with. */
export interface HealthChecks {
  /** Starts the container's check if it is due. */
  look(container: Container): void
  /** A check that is under way is not heard any more. */
  stop(): void
}

const LOG_LENGTH = 5
const LONGEST_OUTPUT = 4096

/** The health checks of the host whose environment is given. */
export function healthChecks(environment: Record<string, string>): HealthChecks {
  const host = environment.SPARK_SIM_DIR ?? ''
  const running = new Set<string>()
  const lastEnds = new Map<string, number>()
  let stopped = false

  function look(container: Container) {
    const { health: check, id } = container
    const health = healthOf(container, host)
    if (!check || !health || running.has(id)) return
    // The checked port is cut off with the cable here, though a Spark still reaches itself.
    if (existsSync(join(host, 'state/faults/link-down.json'))) return
    const now = Date.now()
    const starting = health.status === 'starting' && now - health.startedAt < check.startPeriod
    const since = Math.max(health.startedAt, lastEnds.get(id) ?? 0)
    if (now - since < (starting ? check.startInterval : check.interval)) return
    running.add(id)
    void probe(container, check).then((result) => {
      if (stopped) return
      emit('exec_die', container, { exitCode: String(result.ExitCode) }, host)
      note(container, check, result)
      running.delete(id)
      lastEnds.set(id, Date.now())
    })
  }

  async function probe(container: Container, check: HealthCheck): Promise<Health['log'][number]> {
    const command = ['/bin/sh', '-c', check.command]
    const inside = insideOf(container, command, {}, undefined, environment)
    const start = new Date().toISOString()
    const words = command.join(' ')
    emit(`exec_create: ${words}`, container, {}, host)
    emit(`exec_start: ${words}`, container, {}, host)
    const child = Bun.spawn(inside.args, {
      cwd: inside.cwd,
      env: inside.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let late = false
    const timer = setTimeout(() => {
      late = true
      signal(-child.pid, 'SIGKILL')
    }, check.timeout)
    const said = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited])
    clearTimeout(timer)
    const ExitCode = late ? -1 : (child.exitCode ?? 137)
    const output = late ? `Health check exceeded timeout (${check.timeout / 1000}s)` : `${said[0]}${said[1]}`
    return { Start: start, End: new Date().toISOString(), ExitCode, Output: output.slice(0, LONGEST_OUTPUT) }
  }

  /** Healthy by one success; unhealthy by `retries` failures in a row, of which the start period forgives all. */
  function note(container: Container, check: HealthCheck, result: Health['log'][number]) {
    const before = healthOf(container, host)
    // Ended meanwhile, or started anew: then this tells of a process that is gone.
    if (!before || Date.parse(result.Start) < before.startedAt) return
    const forgiven = before.status === 'starting' && Date.now() - before.startedAt < check.startPeriod
    const failingStreak = result.ExitCode === 0 ? 0 : before.failingStreak + (forgiven ? 0 : 1)
    const failed = failingStreak >= check.retries ? 'unhealthy' : before.status
    const status = result.ExitCode === 0 ? 'healthy' : failed
    const log = [...before.log, result].slice(-LOG_LENGTH)
    const health: Health = { startedAt: before.startedAt, status, failingStreak, log }
    save(join(directoryOf(container.name, host), 'health.json'), JSON.stringify(health))
    if (status !== before.status) emit(`health_status: ${status}`, container, {}, host)
  }

  return {
    look,
    stop() {
      stopped = true
    },
  }
}
