import type { LiveHost } from '../../cluster/hosts'
import { pause } from '../../cluster/pause'
import { isJobId } from '../../jobs/journal'
import type { Inventory } from '../disk/inventory'
import { endJob } from './abandon-detached'
import type { Orphans } from './orphans'

const script = `
cd -P -- "$1" 2>/dev/null || exit 0
[ ! -L .spark-control-trash ] || exit 0
rm -rf -- ".spark-control-trash/$2"
rmdir .spark-control-trash 2>/dev/null
exit 0
`

export interface SweepOptions {
  /** It reads nothing twice, however often a link comes and goes. */
  disks: Pick<Inventory, 'look'>
  orphans: Orphans
  /** Ids of the jobs that run now, which see to their own. */
  running(): ReadonlySet<string>
  signal: AbortSignal
}

const askedMs = 2000

/** Sweeps a host each time it connects, until aborted. */
export async function keepSwept(live: LiveHost, options: SweepOptions): Promise<void> {
  const { signal } = options
  while (!signal.aborted) {
    // What can't be done now is done when it connects again.
    const since = await live.ready(signal).then(
      () => live.link.since,
      () => null,
    )
    if (since !== null) await sweep(live, options).catch(() => {})
    do await pause(askedMs, signal)
    while (!signal.aborted && live.link.state === 'up' && live.link.since === since)
  }
}

/**
 * Removes what deletes have left that nobody goes on with, as when the data directory was lost: all of it was asked away.
 * Ends what jobs run there that were given up while it could not be asked.
 */
export async function sweep(live: LiveHost, { disks, orphans, running, signal }: SweepOptions): Promise<void> {
  for (const job of orphans.of(live.host.id)) {
    await endJob(live, job, signal)
    orphans.ended(live.host.id, job)
  }
  const { leftovers } = await disks.look(live.host.id, signal)
  // Asked after the look: what began since is not in it.
  const jobs = running()
  for (const path of leftovers.filter((each) => isJobId(nameOf(each)) && !jobs.has(nameOf(each)))) {
    const hub = path.slice(0, -`/.spark-control-trash/${nameOf(path)}`.length)
    const command = ['sh', '-c', script, 'spark-control-sweep', hub, nameOf(path)]
    await live.run(command, { timeoutMs: 900_000, signal })
  }
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)
