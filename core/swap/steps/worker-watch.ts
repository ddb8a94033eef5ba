import { containerOf, launchHosts } from '../../launchers/container'
import type { LaunchOrder } from '../../launchers/launcher'
import type { LinkedTime } from './reachable'
import { failed, hostOf, type StepContext, type StepError } from './step'

// A worker's link may blink; and a launcher that fails ends the containers itself, and says why better than this could.
const awayMs = 30_000
const containerMs = 10_000

interface Worker {
  id: string
  bootId: string | null
  /** Its container ran. */
  ran: boolean
  /** By linked time, ms; null while all is well. */
  awaySince: number | null
  endedSince: number | null
}

/**
 * Watches the Sparks of a launch besides the head, by what is seen of them: the engine there may wait for one for ever.
 * @param time stands still while the head is out of reach: then it is this controller's own link
 * @returns a look that tells which worker is lost, or null
 */
export function workerWatch(
  { recipe, service }: LaunchOrder,
  { hosts, observed }: Pick<StepContext, 'hosts' | 'observed'>,
  time: LinkedTime,
): () => StepError | null {
  const [, ...others] = launchHosts(recipe, service)
  const workers = others.map(({ id }): Worker => ({ id, bootId: null, ran: false, awaySince: null, endedSince: null }))
  const container = containerOf(service)

  return function look() {
    for (const worker of workers) {
      const words = lookAt(worker)
      if (words) return lost(worker, words)
    }
    return null
  }

  function lookAt(worker: Worker): string | null {
    const now = time.now()
    if (hostOf(hosts, worker.id).link.state !== 'up') {
      worker.awaySince ??= now
      return now - worker.awaySince >= awayMs ? `has been out of reach for ${awayMs / 1000} s` : null
    }
    worker.awaySince = null
    const facts = observed.host(worker.id)?.facts
    worker.bootId ??= facts?.boot_id ?? null
    if (facts?.boot_id && facts.boot_id !== worker.bootId) return 'has restarted'
    const runs = facts?.containers.some(({ name, state }) => name === container && state === 'running') ?? worker.ran
    worker.ran ||= runs
    worker.endedSince = worker.ran && !runs ? (worker.endedSince ?? now) : null
    return worker.endedSince !== null && now - worker.endedSince >= containerMs
      ? `has no running container ${container} any more`
      : null
  }
}

function lost({ id }: Worker, words: string): StepError {
  return failed(
    'worker_lost',
    `${id} was lost while loading: it ${words}`,
    `look at ${id}: its power, its cable, and loginctl enable-linger there; then swap again`,
  )
}
