import type { LiveHost } from '../../cluster/hosts'
import { pause } from '../../cluster/pause'
import { NotConnectedError } from '../../cluster/remote-commands'
import { JobFailure, jobFailure } from '../../jobs/job-failure'
import type { PhaseContext } from '../../jobs/runner'
import type { Source } from './copy'
import type { Examined } from './examine'

const connectMs = 5000

/**
 * The first of the hosts that has a model whole. Those that were not tried yet are given a moment, so that a restart of this
 * program chooses no other; `waitS` is how long those that can't be reached are waited for.
 */
export async function findSource(
  hosts: LiveHost[],
  look: (live: LiveHost) => Promise<Examined>,
  { waitS, context }: { waitS: number; context: Pick<PhaseContext, 'signal' | 'report'> },
): Promise<Source | null> {
  const { signal, report } = context
  const begun = performance.now()
  const passed = () => performance.now() - begun
  while (passed() < connectMs && hosts.some(({ link }) => link.state === 'unknown')) await pause(100, signal)
  let open = hosts
  for (;;) {
    const silent: LiveHost[] = []
    for (const live of open) {
      const found = live.link.state === 'up' ? await look(live).catch(whyNot) : 'silent'
      signal.throwIfAborted()
      if (found === 'silent') silent.push(live)
      else if (found?.whole && found.model?.layout === 'hub') return { live, found }
    }
    // Whose key is refused waits for a person.
    open = silent.filter(({ link }) => link.state !== 'refused')
    if (open.length === 0 || passed() >= waitS * 1000) return null
    report(0, `no Spark that answers has it whole; could not ask ${open.map(({ host }) => host.id).join(', ')} yet`)
    await pause(300, signal)
  }
}

/** One that can't tell its disk is no source; what the hub refuses ends the job. */
function whyNot(error: unknown): 'silent' | null {
  if (error instanceof JobFailure) throw error
  return error instanceof NotConnectedError ? 'silent' : null
}

/** What is told where none has it. */
export function noSource(repo: string, hosts: ReadonlyMap<string, LiveHost>) {
  const silent = [...hosts.values()].filter(({ link }) => link.state !== 'up').map(({ host }) => host.id)
  return silent.length > 0
    ? jobFailure(
        'no_source',
        `no Spark that answers has ${repo} whole; could not ask ${silent.join(', ')}`,
        'download it again once all can be reached',
      )
    : jobFailure('no_source', `no Spark has ${repo} whole any more`, 'download it again')
}
