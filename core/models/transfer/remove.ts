import { gib } from '../../cluster/gib'
import type { LiveHost } from '../../cluster/hosts'
import { jobFailure } from '../../jobs/job-failure'
import type { JobPhase, PhaseContext } from '../../jobs/runner'
import type { Disk } from '../disk/found-model'
import { reachable } from './progress'
import { type Removed, removeModel } from './remove-model'
import { hostNamed, type TransferParts } from './transfer-parts'

/** What a delete was asked for. */
export interface RemoveRequest {
  repo: string
  hosts: string[]
  /** Where it lies besides on other hosts, in words. */
  stays?: string[]
}

// What was renamed and not removed is swept when the Spark is connected again.
const patienceS = 600

/** Out of the cache of each host by one rename, then removed; once begun it is brought to its end. */
export function removePhases(
  parts: TransferParts,
  { repo, hosts, stays = [] }: RemoveRequest,
  refusal: () => { message: string } | null,
): JobPhase[] {
  return [
    {
      name: 'remove',
      title: 'Remove the files',
      irrevocable: true,
      async run(context) {
        const results: string[] = []
        for (const [index, id] of hosts.entries()) {
          const live = hostNamed(parts, id)
          // A swap may have begun meanwhile; of what was renamed already nothing comes back.
          const why = refusal()
          const begun = why ? (await patient(live, context, () => parts.look(live, { repo }))).leftovers : []
          if (why && !begun.some((path) => path.endsWith(`/${context.job}`)))
            throw jobFailure('in_use', why.message, 'unload it, then delete again')
          context.report(index / hosts.length, [...results, `removing it on ${id}`].join('; '))
          results.push(await remove(live, parts, repo, context))
        }
        context.report(1, [...results, ...stays.map((where) => `it still ${where}`)].join('; '))
      },
    },
  ]
}

/**
 * Deletes it from the login's own cache; other caches may be other people's.
 * @returns what to tell a person: `spark-1: 24.0 GiB freed`
 */
async function remove(live: LiveHost, parts: TransferParts, repo: string, context: PhaseContext): Promise<string> {
  const { signal, job } = context
  const look = () => patient(live, context, () => parts.look(live, { repo, signal }))
  const results: Removed[] = []
  let alone = !parts.busy(live.host.id, job)
  for (const hub of hubsOf(await look(), job))
    results.push(await patient(live, context, () => removeModel(live, hub, repo, job, signal)))
  const elsewhere = (await look()).models.filter((each) => each.repo === repo).map(({ cache }) => cache)
  await parts.changed(live.host.id)
  alone &&= !parts.busy(live.host.id, job)
  return told(live.host.id, results, elsewhere, alone)
}

function patient<T>(live: LiveHost, context: PhaseContext, act: () => Promise<T>): Promise<T> {
  return reachable(live, context, act, patienceS)
}

/** The own hub directory, and any in which an earlier try of this job has left what it renamed. */
function hubsOf({ caches, leftovers }: Disk, job: string): string[] {
  const own = caches.filter((cache) => cache.own && cache.layout === 'hub').map(({ path }) => path)
  const end = `/.spark-control-trash/${job}`
  const left = leftovers.filter((path) => path.endsWith(end)).map((path) => path.slice(0, -end.length))
  return [...new Set([...left, ...own])]
}

// What another job writes meanwhile would be taken off what came free.
function told(host: string, results: Removed[], elsewhere: string[], alone: boolean): string {
  const sum = (all: number[]) => all.reduce((a, b) => a + b, 0)
  const found = results.filter((each) => each.found)
  const known = found.flatMap(({ freedBytes }) => freedBytes ?? [])
  const shared = sum(found.map(({ sharedBytes }) => sharedBytes))
  const unknown = alone ? 'is not known' : 'can not be told while something else is downloaded or removed there'
  const freed = alone && known.length > 0 ? `${gib(sum(known))} freed` : `removed; how much came free ${unknown}`
  return [
    `${host}: ${found.length > 0 ? freed : 'nothing of it is there any more'}`,
    ...(shared
      ? [`${gib(shared)} stay in the store that all models share, \`hf cache prune\` there removes what no model needs`]
      : []),
    ...elsewhere.map((cache) => `it stays in ${cache}, which is not the cache of this login`),
  ].join('; ')
}
