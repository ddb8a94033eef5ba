import type { LiveHost } from '../cluster/hosts'
import { jobFailure } from '../jobs/job-failure'
import { dockerFailure } from './container-state'
import { logLine } from './log-text'

// Asked first, because a pipe tells nothing of its first program's failure.
const script = `
said=$(docker container inspect --format ok -- "$2" 2>&1) || { printf '%s' "$said"; exit 3; }
docker logs --tail "$1" -- "$2" 2>&1 | tail -c 2000000
`

/** The last lines of a container's log, cleaned. @throws {JobFailure} `container_missing`, or what docker said */
export async function logTail(
  live: LiveHost,
  container: string,
  lines: number,
  signal?: AbortSignal,
): Promise<{ text: string }> {
  const command = ['sh', '-c', script, 'spark-control-logs', String(lines), container]
  const { code, stdout } = await live.run(command, { timeoutMs: 20_000, signal })
  if (code === 3) throw /no such/i.test(stdout) ? notThere(live, container) : dockerFailure(live, stdout)
  const raw = stdout.replace(/\n$/, '')
  return { text: raw === '' ? '' : `${raw.split('\n').map(logLine).join('\n')}\n` }
}

function notThere({ host }: LiveHost, container: string) {
  return jobFailure(
    'container_missing',
    `there is no container ${container} on ${host.id}`,
    'it may not have been started yet; look at `docker ps -a` there',
  )
}
