import type { LiveHost } from '../cluster/hosts'
import { whileReachable } from '../cluster/while-reachable'
import { type ContainerState, containerMissing, containerState, dockerFailure } from './container-state'

export type ContainerVerb = 'start' | 'stop' | 'restart'

export interface ContainerChange {
  verb: ContainerVerb
  container: string
  /** docker's word for its last start before this: a restart shows in another. */
  startedBefore: string
  signal: AbortSignal
  /** Told each time that the link is waited for. */
  waiting?(): void
}

/** Starts, stops or restarts a container, once however often the link falls meanwhile. @throws {JobFailure} when docker does not */
export async function changeContainer(live: LiveHost, change: ContainerChange): Promise<void> {
  const { verb, container, signal, waiting } = change
  const said = await whileReachable(
    async () => {
      // A link that fell says nothing of what docker did, so this is asked again each time.
      if (isDone(change, await state())) return null
      return live.run(['docker', verb, '--', container], { timeoutMs: 120_000, signal })
    },
    signal,
    { live, waiting },
  )
  // What docker's exit code says is not asked: what became of the container is.
  if (said && !isDone(change, await whileReachable(state, signal, { live, waiting })))
    throw dockerFailure(live, said.stderr)

  async function state(): Promise<ContainerState> {
    const now = await containerState(live, container, signal)
    if (!now) throw containerMissing(live, container)
    return now
  }
}

function isDone({ verb, startedBefore }: ContainerChange, now: ContainerState): boolean {
  if (verb === 'restart') return now.startedAt !== startedBefore
  return now.running === (verb === 'start')
}
