import { gib } from '../../cluster/gib'
import type { LiveHost } from '../../cluster/hosts'
import { JobFailure, jobFailure } from '../../jobs/job-failure'
import type { JobPhase, PhaseContext } from '../../jobs/runner'
import { abandonDetached } from './abandon-detached'
import { askExpected } from './ask-expected'
import { copy, copyStep, type Source } from './copy'
import { attemptsBegun } from './detached'
import { type DownloadTask, download, downloadStep } from './download'
import { blobsOf, type Examined, examine } from './examine'
import type { Expected } from './expected'
import { arrivedBytes, wholeBytes } from './measured'
import { reachable } from './progress'
import { roomProblem } from './room'
import { findSource, noSource } from './source'
import { hostNamed, type TransferParts } from './transfer-parts'

/** What a download was asked for; kept over a restart. */
export interface DownloadRequest extends DownloadTask {
  /** Hosts that are to have it, the one that downloads first. */
  hosts: string[]
}

// A host on which nothing was begun yet is not waited for longer.
const patienceS = 600

/** Download on one host, copies to the others; what is whole already is passed over. */
export function downloadPhases(parts: TransferParts, request: DownloadRequest): JobPhase[] {
  const { repo, hosts } = request
  const wanted = () => hosts.map((id) => hostNamed(parts, id))
  const first = () => hostNamed(parts, hosts[0] ?? '')
  let asked: Promise<Expected | null> | null = null
  const used = new Set<string>()
  const roomy = new Set<string>()

  function expected(context: PhaseContext): Promise<Expected | null> {
    asked ??= askExpected(first(), parts, request, context).catch((error) => {
      asked = null
      throw error
    })
    return asked
  }

  async function look(live: LiveHost, context: PhaseContext): Promise<Examined> {
    // Only the hub knows which files a named revision is.
    const known = request.revision === null ? null : await expected(context)
    return examine(live, { ...request, expected: known, look: parts.look, signal: context.signal })
  }

  const examined = (live: LiveHost, context: PhaseContext) =>
    reachable(live, context, () => look(live, context), patienceS)

  function source(context: PhaseContext, waitS: number): Promise<Source | null> {
    const ids = new Set([...hosts, ...parts.hosts.keys()])
    const from = [...ids].flatMap((id) => parts.hosts.get(id) ?? [])
    return findSource(from, (live) => look(live, context), { waitS, context })
  }

  async function check(context: PhaseContext) {
    const { report, finish, signal } = context
    report(0, 'looking what is there')
    const head = { live: first(), found: await examined(first(), context) }
    // The others are asked as far as they answer now; a download needs none of them yet.
    const others = await Promise.all(
      wanted()
        .slice(1)
        .map(async (live) => ({ live, found: await look(live, context).catch(unlessRefused) })),
    )
    signal.throwIfAborted()
    const missing = [head, ...others].flatMap(({ live, found }) => (found?.whole ? [] : [{ live, found }]))
    if (missing.length === 0) return finish(`is whole on ${hosts.join(' and ')} already`)
    const from = await source(context, 0)
    report(0.5, 'asking the hub how large it is')
    const all = from ? blobsOf(from.found) : await expected(context)
    for (const { live, found } of missing) if (found) await checkRoom(live, found, all, context)
    const silent = missing.filter(({ found }) => found === null).map(({ live }) => live.host.id)
    const later = silent.length > 0 ? `; could not ask ${silent.join(', ')} yet` : ''
    report(1, `${all ? `${gib(wholeBytes(all))} in all` : 'how large it is, is not known'}${later}`)
  }

  async function checkRoom(
    live: LiveHost,
    found: Examined,
    all: Pick<Expected, 'files'> | null,
    context: PhaseContext,
  ) {
    roomy.add(live.host.id)
    if (!all) return
    const bytes = wholeBytes(all) - (found.measured ? arrivedBytes(found.measured, all) : 0)
    const question = {
      host: live.host.title,
      bytes,
      availableBytes: found.disk.availableBytes,
      kept: new Set(parts.inUse()).add(repo),
    }
    if (!roomProblem({ ...question, models: [] })) return
    const { models } = await reachable(live, context, () => parts.look(live, { signal: context.signal }), patienceS)
    const problem = roomProblem({ ...question, models })
    if (problem) throw jobFailure('no_room', `${repo} ${problem.message}`, problem.remedy)
  }

  async function fetch(context: PhaseContext) {
    const live = first()
    const begun = await reachable(live, context, () => attemptsBegun(live, context.job, downloadStep, context.signal))
    const from = begun === 0 ? await source(context, 0) : null
    if (from) return context.report(1, `${from.live.host.id} has it already`)
    used.add(live.host.id)
    await download(live, parts, request, await expected(context), context)
  }

  async function copies(context: PhaseContext) {
    const isUp = (live: LiveHost) => live.link.state === 'up'
    let count = 0
    // Who can be reached has it before anybody is waited for.
    for (const live of wanted().toSorted((a, b) => Number(isUp(b)) - Number(isUp(a)))) {
      const found = await reachable(
        live,
        context,
        () => look(live, context),
        (await begunTo(live, context)) ? undefined : patienceS,
      )
      if (found.whole) continue
      const from = await source(context, patienceS)
      if (!from) throw noSource(repo, parts.hosts)
      // What has begun to arrive waits for room by itself.
      if (!roomy.has(live.host.id) && !found.measured) await checkRoom(live, found, blobsOf(from.found), context)
      used.add(from.live.host.id)
      const known = request.revision === null ? null : await expected(context)
      await copy(from, live, parts, { ...request, expected: known }, context)
      count++
    }
    context.report(1, count > 0 ? undefined : 'it is on every Spark that needs it')
  }

  /** Whether a copy to it runs somewhere: then it is waited for without end. */
  async function begunTo({ host }: LiveHost, { job, signal }: PhaseContext): Promise<boolean> {
    const counts = [...parts.hosts.values()].map((live) => attemptsBegun(live, job, copyStep(host.id), signal))
    return (await Promise.allSettled(counts)).some((count) => count.status === 'fulfilled' && count.value > 0)
  }

  const abandon = (context: PhaseContext) =>
    // After a restart of this program nobody remembers where it was.
    abandonDetached(parts, used.size > 0 ? used : new Set(hosts), context)

  return [
    { name: 'check', title: 'See what is there', run: check },
    { name: 'download', title: `Download to ${hosts[0]}`, weight: 20, run: fetch, abandon },
    ...(hosts.length > 1 || parts.hosts.size > 1
      ? [{ name: 'copy', title: 'Copy between Sparks', weight: 6, run: copies, abandon }]
      : []),
  ]
}

/** Who can't tell now is asked when its turn comes; what the hub refuses ends the job. */
function unlessRefused(error: unknown): null {
  if (error instanceof JobFailure) throw error
  return null
}
