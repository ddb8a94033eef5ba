import type { LiveHost } from '../../cluster/hosts'
import { jobFailure } from '../../jobs/job-failure'
import type { PhaseContext } from '../../jobs/runner'
import { clearDetached, endDetached } from './detached'
import { reachable } from './progress'
import type { TransferParts } from './transfer-parts'

/**
 * Ends the tools of a job on every host, whole process groups; what has arrived stays. Who can't be asked now is asked once
 * it is connected again.
 * @param must hosts that are known to run one: they are waited for
 * @throws {JobFailure} where one of those could not be asked in time
 */
export async function abandonDetached(
  { hosts, orphans, changed }: Pick<TransferParts, 'hosts' | 'orphans' | 'changed'>,
  must: ReadonlySet<string>,
  context: PhaseContext,
): Promise<void> {
  const { job, signal } = context
  const silent: string[] = []

  async function end(live: LiveHost) {
    const { id } = live.host
    try {
      await (must.has(id) ? reachable(live, context, () => endJob(live, job, signal)) : endJob(live, job, signal))
    } catch {
      orphans.add(id, job)
      if (must.has(id)) silent.push(id)
    }
    void changed(id)
  }

  await Promise.all([...hosts.values()].map(end))
  if (silent.length > 0)
    throw jobFailure(
      'not_ended',
      `could not ask ${silent.join(' and ')} to end what runs there`,
      'nothing is to be done: it is ended once it can be reached again',
    )
}

/** Ends and clears all of a job on one host. */
export async function endJob(live: LiveHost, job: string, signal: AbortSignal): Promise<void> {
  await endDetached(live, job, signal)
  await clearDetached(live, job, signal)
}
