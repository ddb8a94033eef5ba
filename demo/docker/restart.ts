import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Container, directoryOf, find, saveState, stateOf } from './container'
import { startContainer } from './lifecycle'
import { daemonAnswers } from './socket'

const FIRST_MS = 100
const LONGEST_MS = 60_000
/** One that ran this long is no longer counted as failing at once. */
const STEADY_MS = 10_000

/** Starts a container whose policy wants it again, later and later as dockerd does; somebody may stop or remove it meanwhile. */
export async function restart(container: Container, host: string) {
  const { restarts, startedAt, finishedAt } = stateOf(container.name, host)
  const steady = finishedAt - startedAt > STEADY_MS
  await Bun.sleep(steady ? FIRST_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** restarts))
  while (!daemonAnswers(host)) await Bun.sleep(FIRST_MS)
  const wanted = () =>
    find(container.name)?.id === container.id && stateOf(container.name, host).status === 'restarting'
  if (!wanted() || existsSync(join(directoryOf(container.name, host), 'stopped'))) return
  await startContainer(container, restarts + 1).catch(() =>
    saveState(container.name, { ...stateOf(container.name, host), status: 'exited' }, host),
  )
}
