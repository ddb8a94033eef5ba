import { join } from 'node:path'
import { killAll, signal } from './processes'

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
  const signals = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 } as const
  const leave = (name: NodeJS.Signals) => {
    // Somebody who listens too has a stop of his own, and will end the process himself.
    if (process.listenerCount(name) === 1) process.exit(signals[name as keyof typeof signals])
  }
  for (const name of Object.keys(signals)) process.on(name, leave)

  return {
    end() {
      process.off('exit', sweep)
      for (const name of Object.keys(signals)) process.off(name, leave)
      signal(-sweeper.pid, 'SIGKILL')
      sweep()
    },
  }
}
