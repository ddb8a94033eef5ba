import type { LiveHost } from '../../cluster/hosts'
import { JobFailure, jobFailure } from '../../jobs/job-failure'
import type { PhaseContext } from '../../jobs/runner'
import { afterAttempt, type Tries } from './after-attempt'
import { attemptName, attemptsBegun, clearDetached } from './detached'
import { downloadCommand } from './download-command'
import { type Examined, examine } from './examine'
import type { Expected } from './expected'
import { follow } from './follow'
import type { TransferParts } from './parts'
import { type Arrival, arrivalLook, awaitRoom, countDown, reachable } from './progress'
import { removeFiles } from './remove-files'

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
  const tries: Tries = { vanished: 0, later: 0, refetched: 0 }
  const look = () => reachable(live, context, () => examine(live, { ...task, expected, look: parts.look, signal }))
  let found = await look()
  const arrival: Arrival = { live, hub: hubOf(found, live), repo, expected }
  const show = arrivalLook(arrival, context)
  const begun = await reachable(live, context, () => attemptsBegun(live, job, downloadStep, signal))
  const argv = downloadCommand({ ...task, launcher: live.host.launcher, hub: parts.hub })
  if (parts.secret && parts.token() === null) log([`the secret ${parts.secret} has no value: no token is sent`])
  for (let n = Math.max(1, begun); ; n++) {
    if (found.whole && begun === 0) return
    void parts.changed(host)
    const name = attemptName(job, downloadStep, n)
    const ended = await follow({ live, name, argv, token: parts.token(), context, look: show })
    const before = arrived(found)
    found = await look()
    if (arrived(found) > before) tries.later = 0
    const step = afterAttempt(ended, found, tries, { repo, hub: parts.hub, secret: parts.secret, host })
    if (step.next === 'done') break
    if (step.next === 'fail') {
      await reachable(live, context, () => clearDetached(live, job, signal))
      await parts.changed(host)
      throw new JobFailure(step.reason)
    }
    if (step.next === 'again') {
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
  await show()
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

function arrived({ measured }: Examined): number {
  if (!measured) return 0
  return [...measured.blobs.values(), ...measured.parts.values()].reduce((sum, bytes) => sum + bytes, 0)
}
