import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { hostDirectory } from './container'
import { fail } from './fail'

/** Is there a daemon behind the socket? Containers go on without it. */
export function daemonAnswers(host = hostDirectory()): boolean {
  return !existsSync(join(host, 'state/faults/docker-down.json'))
}

/** Ends a command that needs the daemon while it does not answer. */
export function needDaemon() {
  if (!daemonAnswers())
    fail('Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?')
}
