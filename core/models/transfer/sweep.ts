import type { LiveHost } from '../../cluster/hosts'
import { isJobId } from '../../jobs/journal'
import type { Look } from './examine'

const script = `
cd -P -- "$1" 2>/dev/null || exit 0
[ ! -L .spark-control-trash ] || exit 0
rm -rf -- ".spark-control-trash/$2"
rmdir .spark-control-trash 2>/dev/null
exit 0
`

/**
 * Removes what deletes have left that nobody goes on with, as when the data directory was lost: all of it was asked away.
 * @param running ids of jobs that see to their own
 */
export async function sweep(
  live: LiveHost,
  look: Look,
  running: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string[]> {
  await live.ready(signal)
  const { leftovers } = await look(live, { signal })
  const left = leftovers.filter((path) => isJobId(nameOf(path)) && !running.has(nameOf(path)))
  for (const path of left) {
    const hub = path.slice(0, -`/.spark-control-trash/${nameOf(path)}`.length)
    const command = ['sh', '-c', script, 'spark-control-sweep', hub, nameOf(path)]
    await live.run(command, { timeoutMs: 900_000, signal })
  }
  return left
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)
