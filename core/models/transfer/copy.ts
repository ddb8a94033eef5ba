import type { LiveHost } from '../../cluster/hosts'
import { JobFailure } from '../../jobs/job-failure'
import type { PhaseContext } from '../../jobs/runner'
import type { Tries } from './after-attempt'
import { afterCopy } from './after-copy'
import { copyAddresses, copyCommand } from './copy-command'
import { attemptName, attemptsBegun, clearDetached } from './detached'
import { type DownloadTask, endEarlier, hubOf } from './download'
import { blobsOf, type Examined, examine } from './examine'
import type { Expected } from './expected'
import { follow } from './follow'
import { repoFolder } from './measured'
import { arrivalLook, awaitRoom, countDown, reachable } from './progress'
import type { TransferParts } from './transfer-parts'

/** A host that has the model whole, and how it lies there. */
export interface Source {
  live: LiveHost
  found: Examined
}

export interface CopyTask extends DownloadTask {
  expected: Expected | null
}

/** The name of the work in a job that brings it onto a host. */
export const copyStep = (host: string) => `copy-${host}`

/** Copies a model from a host that has it to one that has not, until the files there are those of the source. @throws {JobFailure} */
export async function copy(
  source: Source,
  to: LiveHost,
  parts: TransferParts,
  task: CopyTask,
  context: PhaseContext,
): Promise<void> {
  const { signal, job, log } = context
  const { live } = source
  const { repo } = task
  const step = copyStep(to.host.id)
  const tries: Tries = { vanished: 0, later: 0 }
  const look = () =>
    reachable(to, context, async () => {
      const found = await examine(to, { ...task, look: parts.look, signal })
      return { ...found, ...compared(source.found, found) }
    })
  let found = await look()
  const hub = hubOf(found, to)
  const expected = blobsOf(source.found)
  const arrival = { live: to, hub, repo, expected }
  const atSource = { live, hub: source.found.model?.cache ?? hub, repo, expected }
  const show = arrivalLook(arrival, context)
  const folder = `${source.found.model?.cache}/${repoFolder(repo)}`
  const begun = await reachable(live, context, () => attemptsBegun(live, job, step, signal))
  if (found.whole && begun === 0) return
  if (begun === 0) await endEarlier(live, repo, context)
  for (let n = Math.max(1, begun); ; n++) {
    void parts.changed(to.host.id)
    const argv = copyCommand({ folder, to, hub, way: n - 1 })
    const ended = await follow({
      live,
      work: { name: attemptName(job, step, n), subject: repo, argv, token: null },
      context,
      // Where bytes arrive may be out of reach while the copy goes on over the link between the Sparks.
      look: () => reachable(to, context, show),
      room: () => awaitRoom(atSource, context),
    })
    found = await look()
    const addresses = copyAddresses(to)
    const login = `${to.host.user}@${addresses[(n - 1) % addresses.length]}`
    const next = afterCopy(ended, found, tries, { from: live.host.id, to: to.host.id, login })
    if (next.next === 'done') break
    if (next.next === 'fail') {
      await reachable(live, context, () => clearDetached(live, job, signal))
      await parts.changed(to.host.id)
      throw new JobFailure(next.reason)
    }
    if (next.next === 'again') {
      tries.vanished++
      log([next.why])
    } else if (next.next === 'wait') {
      tries.later++
      await countDown(next.seconds, next.why, context)
    } else await awaitRoom(next.on === 'to' ? arrival : atSource, context)
  }
  await reachable(to, context, show)
  await reachable(live, context, () => clearDetached(live, job, signal))
  await parts.changed(to.host.id)
}

/** Whole is what the look calls ready and what has every file of the source in its size. */
function compared(source: Examined, found: Examined): Pick<Examined, 'whole' | 'problems'> {
  // Another revision that is whole by itself is no copy, and none is needed.
  if (found.whole && found.model?.commit !== source.model?.commit) return { whole: true, problems: [] }
  const short = [...(source.measured?.files ?? [])].filter(([path, bytes]) => found.measured?.files.get(path) !== bytes)
  const problems = short.slice(0, 5).map(([path]) => `${path}: is not as long as on the other Spark`)
  return { whole: found.whole && short.length === 0, problems: [...found.problems, ...problems] }
}
