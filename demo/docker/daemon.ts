import { appendFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { containers, directoryOf } from './container'
import { healthChecks } from './health'
import { daemonAnswers } from './socket'

/** What dockerd does without being asked; the commands do the rest themselves. */
export interface DockerDaemon {
  stop(): void
}

const LOOK_MS = 250
const LONGEST_LOG = 64 * 2 ** 20
const LONGEST_EVENTS = 2 ** 20
const EVENTS_KEPT = 256
const QUIET_MS = 2000

/** Starts the daemon of the host whose environment is given: it notes how logs grow, rotates them, and runs health checks. */
export function dockerDaemon(environment: Record<string, string>): DockerDaemon {
  const host = environment.SPARK_SIM_DIR ?? ''
  const noted = new Map<string, number>()
  const checks = healthChecks(environment)

  function look() {
    for (const container of containers(host)) {
      try {
        noteLog(directoryOf(container.name, host), noted)
      } catch (error) {
        // It may be removed between two looks.
        if ((error as { code?: string }).code !== 'ENOENT') throw error
      }
      if (daemonAnswers(host)) checks.look(container)
    }
    forgetEvents(join(host, 'state/events'))
  }

  const timer = setInterval(look, LOOK_MS)
  return {
    stop() {
      clearInterval(timer)
      checks.stop()
    },
  }
}

/** Notes when a log was how long, which `docker logs --since` and `-t` go by; one that grows without end begins anew. */
function noteLog(directory: string, noted: Map<string, number>) {
  const log = join(directory, 'log')
  const index = `${log}.index`
  const bytes = statSync(log, { throwIfNoEntry: false })?.size ?? 0
  if (bytes === (noted.get(directory) ?? 0)) return
  noted.set(directory, bytes)
  if (bytes <= LONGEST_LOG) return appendFileSync(index, `${Date.now()} ${bytes}\n`)
  truncateSync(log)
  rmSync(index, { force: true })
  noted.set(directory, 0)
}

/** dockerd remembers its last 256 events; they are cut while nothing happens, so that nobody misses one. */
function forgetEvents(file: string) {
  const facts = statSync(file, { throwIfNoEntry: false })
  if (!facts || facts.size < LONGEST_EVENTS || Date.now() - facts.mtimeMs < QUIET_MS) return
  const kept = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-EVENTS_KEPT)
  writeFileSync(file, `${kept.join('\n')}\n`)
}
