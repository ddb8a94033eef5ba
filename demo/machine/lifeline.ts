import { constants } from 'node:os'
import { join } from 'node:path'
import { killAll, signal } from './processes'

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
/** Clusters of this process. */
let standing = 0

/**
 * Ends every process of a cluster, then calls `remove`, when this process ends; after SIGKILL a sweeper does it, which
 * takes `temporary` away too.
 */
export function lifeline(cluster: string, remove: () => void, temporary: string | null) {
  // The sweeper's `cat` sees its input close when this process is gone, whatever ended it.
  const sweeper = Bun.spawn(
    [
      '/bin/sh',
      '-c',
      'cat >/dev/null; exec "$0" "$@"',
      process.execPath,
      join(import.meta.dir, 'sweep.ts'),
      cluster,
      ...(temporary ? [temporary] : []),
    ],
    { stdio: ['pipe', 'ignore', 'ignore'], env: { PATH: '/usr/bin:/bin' }, detached: true },
  )
  sweeper.unref()
  const sweep = () => {
    killAll({ cluster })
    remove()
  }
  process.on('exit', sweep)
  if (standing++ === 0) for (const name of SIGNALS) process.on(name, leave)

  return {
    end() {
      process.off('exit', sweep)
      if (--standing === 0) for (const name of SIGNALS) process.off(name, leave)
      signal(-sweeper.pid, 'SIGKILL')
      sweep()
    },
  }
}

/** Somebody else who listens has a stop of his own, and will end the process himself. */
function leave(name: NodeJS.Signals) {
  if (process.listenerCount(name) === 1) process.exit(128 + constants.signals[name])
}
