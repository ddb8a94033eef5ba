import type { JobError } from '../../jobs/job'
import { containerOf, launchHosts } from '../../launchers/container'
import type { LaunchOrder } from '../../launchers/launcher'
import { loadFailure } from './load-failure'
import { cleanLines } from './load-log'
import type { SwapHost } from './step'

/** Why a launch of several Sparks failed, where one other than the head is the cause. */
export interface WorkerFailure {
  error: JobError
  host: string
  /** The end of its container's log, at most 200 lines; empty where it could not be read. */
  lines: string[]
}

const script = 'docker logs --tail 200 "$1" 2>&1 | tail -c 262144'

/** Looks on the workers of a launch that failed for what the head's log does not tell; null where they tell nothing. */
export async function workerFailure(
  order: LaunchOrder,
  hosts: Map<string, SwapHost>,
  signal: AbortSignal,
): Promise<WorkerFailure | null> {
  const [, ...workers] = launchHosts(order.recipe, order.service)
  const looks = workers.map(({ id }) => lookAt(id, hosts.get(id), containerOf(order.service), signal))
  const found = (await Promise.all(looks)).filter((each) => each !== null)
  // A Spark that has gone explains what the others complain of.
  return found.find(({ error }) => error.code === 'worker_lost') ?? found[0] ?? null
}

async function lookAt(
  id: string,
  host: SwapHost | undefined,
  container: string,
  signal: AbortSignal,
): Promise<WorkerFailure | null> {
  if (host?.link.state !== 'up') return { error: lost(id, 'cannot be reached'), host: id, lines: [] }
  const argv = ['sh', '-c', script, 'spark-control-log', container]
  const answer = await host.run(argv, { timeoutMs: 15_000, signal }).catch(() => null)
  signal.throwIfAborted()
  if (!answer) return null
  if (/^.{0,60}No such container/i.test(answer.stdout))
    return { error: lost(id, `has no container ${container} any more`), host: id, lines: [] }
  const lines = cleanLines(answer.stdout).filter((line) => line.trim() !== '')
  const error = loadFailure(lines.join('\n'), null)
  // What no rule knows is no more than the head says; and that another one was lost is a complaint, not the cause.
  if (error.code === 'load_failed' || error.code === 'worker_lost') return null
  return { error: { ...error, message: `${id}: ${error.message}` }, host: id, lines }
}

function lost(id: string, why: string): JobError {
  return {
    code: 'worker_lost',
    message: `${id} was lost while loading: it ${why}`,
    remedy: `look at ${id}: its power, its cable, and loginctl enable-linger there; then swap again`,
  }
}
