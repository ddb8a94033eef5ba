import { gib } from '../../cluster/gib'
import type { LiveHost } from '../../cluster/hosts'
import { jobFailure } from '../../jobs/job-failure'
import type { JobPhase, PhaseContext } from '../../jobs/runner'
import type { Disk } from '../disk/found-model'
import { hostNamed, type TransferParts } from './parts'
import { reachable } from './progress'
import { type Removed, removeModel } from './remove-model'

/** What a delete was asked for. */
export interface RemoveRequest {
  repo: string
  hosts: string[]
}

const mostCaches = 16

/** Out of the cache of each host by one rename, then removed; once begun it is brought to its end. */
export function removePhases(
  parts: TransferParts,
  { repo, hosts }: RemoveRequest,
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
          const begun = why ? (await reachable(live, context, () => parts.look(live, { repo }))).leftovers : []
          if (why && !begun.some((path) => path.endsWith(`/${context.job}`)))
            throw jobFailure('in_use', why.message, 'unload it, then delete again')
          context.report(index / hosts.length, [...results, `removing it on ${id}`].join('; '))
          results.push(await remove(live, parts, repo, context))
        }
        context.report(1, results.join('; '))
      },
    },
  ]
}

/** Deletes it from every cache of a host. @returns what to tell a person: `spark-1: 24.0 GiB freed` */
async function remove(live: LiveHost, parts: TransferParts, repo: string, context: PhaseContext): Promise<string> {
  const { signal, job } = context
  const results: Removed[] = []
  const tried = new Set<string>()
  for (;;) {
    const disk = await reachable(live, context, () => parts.look(live, { repo, signal }))
    const hub = hubsWith(disk, repo, job).find((each) => !tried.has(each))
    if (hub === undefined || tried.size >= mostCaches) break
    tried.add(hub)
    results.push(await reachable(live, context, () => removeModel(live, hub, repo, job, signal)))
  }
  await parts.changed(live.host.id)
  return told(live.host.id, results)
}

/** Hub directories that hold the model, or what an earlier try of this job has renamed. */
function hubsWith({ models, leftovers }: Disk, repo: string, job: string): string[] {
  const holding = models.filter((each) => each.repo === repo && each.layout === 'hub').map(({ cache }) => cache)
  const end = `/.spark-control-trash/${job}`
  const left = leftovers.filter((path) => path.endsWith(end)).map((path) => path.slice(0, -end.length))
  return [...left, ...holding]
}

function told(host: string, results: Removed[]): string {
  const known = results.flatMap(({ freedBytes }) => freedBytes ?? [])
  const [freed, shared] = [known, results.map(({ sharedBytes }) => sharedBytes)].map((all) =>
    all.reduce((a, b) => a + b, 0),
  )
  if (known.length === 0) return `${host}: nothing of it is there any more`
  const stays = shared
    ? `; ${gib(shared)} stay in the store that all models share, \`hf cache prune\` there removes what no model needs`
    : ''
  return `${host}: ${gib(freed ?? 0)} freed${stays}`
}
