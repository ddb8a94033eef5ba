import type { LiveHost } from '../../cluster/hosts'
import { JobFailure, jobFailure } from '../../jobs/job-failure'
import type { PhaseContext } from '../../jobs/runner'
import { afterAttempt, type DownloadTries } from './after-attempt'
import { attemptName, attemptsBegun, clearDetached, endOthers } from './detached'
import { downloadCommand } from './download-command'
import { type Examined, examine } from './examine'
import type { Expected } from './expected'
import { follow } from './follow'
import { type Arrival, arrivalLook, awaitRoom, countDown, reachable } from './progress'
import { removeFiles } from './remove-files'
import type { TransferParts } from './transfer-parts'

export interface DownloadTask {
  repo: string
  /** Null: main. */
  revision: string | null
}

/** The name of the work in a job. */
export const downloadStep = 'download'

/** Brings a model onto one host from the hub: try after try, until its files say that it is whole. @throws {JobFailure} */
export async function download(
  live: LiveHost,
  parts: TransferParts,
  task: DownloadTask,
  expected: Expected | null,
  context: PhaseContext,
): Promise<void> {
  const { signal, job, report, log } = context
  const { repo } = task
  const host = live.host.id
  const tries: DownloadTries = { vanished: 0, later: 0, refetched: 0 }
  const look = () => reachable(live, context, () => examine(live, { ...task, expected, look: parts.look, signal }))
  let found = await look()
  const arrival: Arrival = { live, hub: hubOf(found, live), repo, expected }
  const show = arrivalLook(arrival, context)
  const begun = await reachable(live, context, () => attemptsBegun(live, job, downloadStep, signal))
  const argv = downloadCommand({ ...task, launcher: live.host.launcher, hub: parts.hub })
  if (parts.secret && parts.token() === null) log([`the secret ${parts.secret} has no value: no token is sent`])
  if (found.whole && begun === 0) return
  if (begun === 0) await endEarlier(live, repo, context)
  for (let n = Math.max(1, begun); ; n++) {
    void parts.changed(host)
    const work = { name: attemptName(job, downloadStep, n), subject: repo, argv, token: parts.token() }
    const ended = await follow({ live, work, context, look: show, room: () => awaitRoom(arrival, context) })
    const before = arrived(found)
    found = await look()
    if (arrived(found) > before) tries.later = 0
    const step = afterAttempt(ended, found, tries, { repo, hub: parts.hub, secret: parts.secret, host })
    if (step.next === 'done') break
    if (step.next === 'fail' && n === begun) {
      // An earlier run of this program may have removed what came short and was ended before the next try.
      log([`${step.reason.message}; tried once more after the restart`])
    } else if (step.next === 'fail') {
      await reachable(live, context, () => clearDetached(live, job, signal))
      await parts.changed(host)
      throw new JobFailure(step.reason)
    } else if (step.next === 'again') {
      tries.vanished++
      log([step.why])
    } else if (step.next === 'wait') {
      tries.later++
      await countDown(step.seconds, step.why, context)
    } else if (step.next === 'room') await awaitRoom(arrival, context)
    else {
      tries.refetched++
      log(step.files.map((file) => `${file}: came too short; it is fetched again`))
      report(0, `${step.files[0]} came too short on ${host}; it is fetched again`)
      const { cache = arrival.hub, commit = null } = found.model ?? {}
      const at = task.revision === null ? commit : (expected?.commit ?? commit)
      await reachable(live, context, () => removeFiles(live, cache, repo, at ?? '', step.files, signal))
    }
  }
  await reachable(live, context, show)
  await reachable(live, context, () => clearDetached(live, job, signal))
  await parts.changed(host)
}

/** @throws {JobFailure} when the host names no cache, or it can't be looked into */
export function hubOf({ hub, disk }: Examined, live: LiveHost): string {
  const problem = disk.caches.find(({ path }) => path === hub)?.problem
  if (hub !== null && !problem) return hub
  throw jobFailure(
    'no_cache',
    `the Hugging Face cache on ${live.host.id} can't be used: ${problem ?? 'there is none'}`,
    `look at ~/.cache/huggingface and HF_HOME there as ${live.host.user}`,
  )
}

/** Ends what earlier jobs left at work on a model there, as after a cancel that did not reach it; what has arrived stays. */
export async function endEarlier(live: LiveHost, repo: string, context: PhaseContext): Promise<void> {
  const { job, signal, log } = context
  const ended = await reachable(live, context, () => endOthers(live, job, repo, signal))
  log(ended.map((name) => `${name} still ran on ${live.host.id}; it was ended, and what has arrived is kept`))
}

function arrived({ measured }: Examined): number {
  if (!measured) return 0
  return [...measured.blobs.values(), ...measured.parts.values()].reduce((sum, bytes) => sum + bytes, 0)
}
