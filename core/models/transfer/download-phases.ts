import { gib } from '../../cluster/gib'
import type { LiveHost } from '../../cluster/hosts'
import { jobFailure } from '../../jobs/job-failure'
import type { JobPhase, PhaseContext } from '../../jobs/runner'
import { askExpected } from './ask-expected'
import { copy, type Source } from './copy'
import { attemptsBegun, clearDetached, endDetached } from './detached'
import { type DownloadTask, download, downloadStep } from './download'
import { type Examined, examine } from './examine'
import type { Expected } from './expected'
import { arrivedBytes, wholeBytes } from './measured'
import { hostNamed, type TransferParts } from './parts'
import { reachable } from './progress'
import { roomProblem } from './room'

/** What a download was asked for; kept over a restart. */
export interface DownloadRequest extends DownloadTask {
  /** Hosts that are to have it, the one that downloads first. */
  hosts: string[]
}

/** Download on one host, copies to the others; what is whole already is passed over. */
export function downloadPhases(parts: TransferParts, request: DownloadRequest): JobPhase[] {
  const { repo, hosts } = request
  const wanted = () => hosts.map((id) => hostNamed(parts, id))
  const first = () => hostNamed(parts, hosts[0] ?? '')
  let asked: Promise<Expected | null> | null = null
  const used = new Set<string>()

  function expected(context: PhaseContext): Promise<Expected | null> {
    asked ??= askExpected(first(), parts, request, context).catch((error) => {
      asked = null
      throw error
    })
    return asked
  }

  async function examined(live: LiveHost, context: PhaseContext): Promise<Examined> {
    // Only the hub knows which files a named revision is.
    const known = request.revision === null ? null : await expected(context)
    const options = { ...request, expected: known, look: parts.look, signal: context.signal }
    return reachable(live, context, () => examine(live, options))
  }

  /** A host that has it whole: of those it is wanted on, else any that can be asked now. */
  async function source(context: PhaseContext): Promise<Source | null> {
    const others = [...parts.hosts.values()].filter(({ host, link }) => !hosts.includes(host.id) && link.state === 'up')
    for (const live of [...wanted(), ...others]) {
      const found = await examined(live, context)
      if (found.whole && found.model?.layout === 'hub') return { live, found }
    }
    return null
  }

  async function check(context: PhaseContext) {
    const { report, finish } = context
    report(0, 'looking what is there')
    const there = await Promise.all(wanted().map(async (live) => ({ live, found: await examined(live, context) })))
    const missing = there.filter(({ found }) => !found.whole)
    if (missing.length === 0) return finish(`is whole on ${hosts.join(' and ')} already`)
    const from = await source(context)
    report(0.5, 'asking the hub how large it is')
    const all = from ? blobs(from) : await expected(context)
    for (const { live, found } of missing) await checkRoom(live, found, all, context)
    report(1, all ? `${gib(wholeBytes(all))} in all` : 'how large it is, is not known')
  }

  async function checkRoom(
    live: LiveHost,
    found: Examined,
    all: Pick<Expected, 'files'> | null,
    context: PhaseContext,
  ) {
    if (!all) return
    const bytes = wholeBytes(all) - (found.measured ? arrivedBytes(found.measured, all) : 0)
    const question = {
      host: live.host.title,
      bytes,
      availableBytes: found.disk.availableBytes,
      kept: new Set(parts.inUse()).add(repo),
    }
    if (!roomProblem({ ...question, models: [] })) return
    const { models } = await reachable(live, context, () => parts.look(live, { signal: context.signal }))
    const problem = roomProblem({ ...question, models })
    if (problem) throw jobFailure('no_room', `${repo} ${problem.message}`, problem.remedy)
  }

  async function fetch(context: PhaseContext) {
    const live = first()
    const begun = await reachable(live, context, () => attemptsBegun(live, context.job, downloadStep, context.signal))
    const from = begun === 0 ? await source(context) : null
    if (from) return context.report(1, `${from.live.host.id} has it already`)
    used.add(live.host.id)
    await download(live, parts, request, await expected(context), context)
  }

  async function copies(context: PhaseContext) {
    const missing: LiveHost[] = []
    for (const live of wanted()) if (!(await examined(live, context)).whole) missing.push(live)
    const from = missing.length > 0 ? await source(context) : null
    if (!from && missing.length > 0)
      throw jobFailure('no_source', `no Spark has ${repo} whole any more`, 'download it again')
    for (const live of missing) {
      if (!from) break
      used.add(from.live.host.id)
      await copy(
        from,
        live,
        parts,
        { ...request, expected: request.revision === null ? null : await expected(context) },
        context,
      )
    }
    context.report(1, missing.length > 0 ? undefined : 'it is on every Spark that needs it')
  }

  /** Ends the tools, whole process groups; what has arrived stays. */
  async function abandon(context: PhaseContext) {
    // After a restart of this program nobody remembers where it was.
    const must = used.size > 0 ? used : new Set(hosts)
    for (const live of parts.hosts.values()) {
      const end = async () => {
        await endDetached(live, context.job, context.signal)
        await clearDetached(live, context.job, context.signal)
      }
      if (must.has(live.host.id)) await reachable(live, context, end)
      else if (live.link.state === 'up') await end().catch(() => {})
      void parts.changed(live.host.id)
    }
  }

  return [
    { name: 'check', title: 'See what is there', run: check },
    { name: 'download', title: `Download to ${hosts[0]}`, weight: 20, run: fetch, abandon },
    ...(hosts.length > 1 || parts.hosts.size > 1
      ? [{ name: 'copy', title: 'Copy between Sparks', weight: 6, run: copies, abandon }]
      : []),
  ]
}

function blobs({ found }: Source): Pick<Expected, 'files'> {
  return { files: [...(found.measured?.blobs ?? [])].map(([blob, bytes]) => ({ path: blob, bytes, blob })) }
}
