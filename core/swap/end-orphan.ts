import { type Clock, sleep, systemClock } from '../clock'
import type { LiveHost } from '../cluster/hosts'
import type { Observed } from '../cluster/observed'
import { whileReachable } from '../cluster/while-reachable'
import type { JobView } from '../jobs/job'
import { JobFailure, jobFailure } from '../jobs/job-failure'
import type { JobPhase, PhaseContext, Runner } from '../jobs/runner'
import { containerProof, stopCommands } from '../launchers/container'
import type { Orphan } from './orphans'
import { claimFence, fenced, fenceOn } from './steps/fence'
import { StepError } from './steps/step'

export interface OrphanEndsOptions {
  hosts: ReadonlyMap<string, OrphanHost>
  observed: Pick<Observed, 'gone'>
  /** Containers that belong to nothing which is loaded. */
  leftOver(): Orphan[]
  /** A swap runs. */
  swapping(): boolean
  nextFence(seen: number): number
  clock?: Clock
}

/** Ends what is left over on a Spark, as a job. */
export interface OrphanEnds {
  found(): Orphan[]
  /** @throws {ActionRunningError} while another action of its service runs */
  begin(runner: Pick<Runner, 'start'>, orphan: Orphan): JobView
  /** The phases of one that was accepted earlier; null where the job is another. */
  phasesOf(view: JobView, request: unknown): JobPhase[] | null
}

type OrphanHost = Pick<LiveHost, 'host' | 'address' | 'link' | 'run'>
type Which = Pick<Orphan, 'host' | 'container'>

export const endOrphan = 'end-orphan'
// What was asked politely may take its time.
const proofTries = 30
// A minute for the first look at every Spark of its service.
const sightTries = 30

export function orphanEnds(options: OrphanEndsOptions): OrphanEnds {
  const { hosts, observed, leftOver, swapping, nextFence, clock = systemClock } = options

  function phases(which: Which): JobPhase[] {
    const live = hosts.get(which.host)
    if (!live) return []
    return [{ name: 'end', title: `End container ${which.container}`, run: (context) => end(live, which, context) }]
  }

  async function end(live: OrphanHost, which: Which, context: PhaseContext): Promise<void> {
    const { signal, job } = context
    try {
      if (!(await stillThere(live, which, signal))) return context.finish('it is not left over any more')
      const seen = await whileReachable(() => fenceOn(live, { signal }), signal, { live })
      // Between this and the number nothing else is decided: a swap that begins later has a higher one, and ends this.
      if (swapping())
        throw jobFailure(
          'swap_running',
          'a swap has begun meanwhile',
          'wait for its end: it ends what is left over too',
        )
      const fence = nextFence(seen)
      await whileReachable(() => claimFence(live, fence, job, { signal }), signal, { live })
      for (const argv of stopCommands(which.container))
        await fenced(live, fence, job, argv, { timeoutMs: 60_000, signal })
      await gone(live, which.container, signal)
    } catch (error) {
      throw error instanceof StepError ? new JobFailure(error.reason) : error
    }
    observed.gone(which.host, which.container)
  }

  /** False only when docker says so: right after a restart no Spark has been seen, and nothing is known to be left over. */
  async function stillThere(live: OrphanHost, { host, container }: Which, signal: AbortSignal): Promise<boolean> {
    for (let tries = 1; tries <= sightTries; tries++) {
      if (leftOver().some((each) => each.host === host && each.container === container)) return true
      if (await isAbsent(live, container, signal)) return false
      await sleep(clock, 2000, signal)
      signal.throwIfAborted()
    }
    throw jobFailure(
      'not_left_over',
      `container ${container} on ${host} belongs to what is loaded, or nothing tells that it does not`,
      'look at the page of that Spark, and end it again if it is still listed there',
    )
  }

  async function isAbsent(live: OrphanHost, container: string, signal: AbortSignal): Promise<boolean> {
    const { argv } = containerProof(container)
    const { code, stdout } = await whileReachable(() => live.run(argv, { signal }), signal, { live, clock })
    return code === 0 && stdout.trim() === ''
  }

  async function gone(live: OrphanHost, container: string, signal: AbortSignal): Promise<void> {
    for (let tries = 1; tries <= proofTries; tries++) {
      if (await isAbsent(live, container, signal)) return
      await sleep(clock, 500, signal)
      signal.throwIfAborted()
    }
    const byHand = `end it there by hand: docker rm -f ${container}`
    throw jobFailure('not_stopped', `container ${container} on ${live.host.id} does not end`, byHand)
  }

  return {
    begin(runner, { host, container, service }) {
      const title = `End ${container} on ${host}`
      const request: Which = { host, container }
      return runner.start({ subject: { service }, action: endOrphan, title, phases: phases(request), request })
    },
    found: leftOver,
    phasesOf(view, request) {
      const which = request as Which
      return view.action === endOrphan && hosts.has(which.host) ? phases(which) : null
    },
  }
}
