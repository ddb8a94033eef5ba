import { pause } from '../cluster/pause'
import { whileReachable } from '../cluster/while-reachable'
import { jobFailure } from '../jobs/job-failure'
import type { JobPhase, PhaseContext } from '../jobs/runner'
import type { ActionTarget } from './action'
import { type ContainerState, containerState } from './container-state'
import { logTail } from './log-tail'

const healthMs = 120_000
const answerMs = 15_000
// A program that can't start ends within its first second.
const steadyMs = 1200

/** The last phase of whatever starts a container: it stays up, is healthy where it can tell, and the service is seen. */
export function containerWorks(container: string, target: ActionTarget): JobPhase {
  return {
    name: 'check',
    title: 'See that it works',
    async run(context) {
      const { report } = context
      report(0, 'looking whether it stays up')
      const first = await runs(container, target, context)
      await pause(steadyMs, context.signal)
      const second = await runs(container, target, context)
      if (second.startedAt !== first.startedAt) throw await ended(container, target, second)
      report(0.5, 'waiting until it answers')
      const answers = await answered(target, context.signal)
      report(1, answers ? 'it works' : 'its container runs; the service does not answer yet, see its tile')
    },
  }
}

/** Waits while its own HEALTHCHECK has not decided. @throws {JobFailure} when it has ended or is unhealthy */
async function runs(
  container: string,
  target: ActionTarget,
  { signal, report }: PhaseContext,
): Promise<ContainerState> {
  const until = performance.now() + healthMs
  for (;;) {
    const now = await whileReachable(() => containerState(target.live, container, signal), signal, {
      live: target.live,
    })
    if (!now?.running) throw await ended(container, target, now)
    if (now.health === 'unhealthy')
      throw jobFailure('container_unhealthy', `container ${container} is unhealthy`, 'look at its log')
    if (now.health !== 'starting' || performance.now() > until) return now
    report(0.2, 'its own health check has not decided yet')
    await pause(500, signal)
    signal.throwIfAborted()
  }
}

async function answered({ look, seen }: ActionTarget, signal: AbortSignal): Promise<boolean> {
  const until = performance.now() + answerMs
  for (;;) {
    await look()
    if (seen() === 'up' || seen() === 'busy') return true
    if (performance.now() > until) return false
    await pause(300, signal)
    signal.throwIfAborted()
  }
}

async function ended(container: string, { live }: ActionTarget, now: ContainerState | null) {
  const last = await logTail(live, container, 5)
    .then(({ text }) => text.trim().split('\n').at(-1))
    .catch(() => '')
  const code = now ? ` with exit code ${now.exitCode}` : ''
  const said = last ? `; its last line: ${last.slice(0, 300)}` : ''
  return jobFailure('container_ended', `container ${container} has ended${code}${said}`, 'look at its log')
}
