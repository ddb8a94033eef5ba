import type { AttentionView } from '../../core/cluster/snapshot'
import type { Runtime } from '../../core/runtime'
import { orphanAttention } from '../../core/swap/orphans'
import type { NeedView } from '../../views/page-data'

type Action = NonNullable<NeedView['action']>

/** What needs a person, with the one click that helps where there is one. */
export function needs(runtime: Runtime): NeedView[] {
  const orphans = orphanActions(runtime)
  return runtime.attention().map((item) => {
    const action = orphans.get(item.text) ?? reloadAction(runtime, item)
    return action ? { ...item, action } : item
  })
}

/** By the text that tells of it. */
function orphanActions({ orphans, observed }: Runtime): Map<string, Action> {
  const titleOf = (id: string) => observed.host(id)?.title ?? id
  const all = orphans.found().map((orphan) => {
    const { host, container } = orphan
    const [{ text = '' } = {}] = orphanAttention([orphan], titleOf)
    const path = `/ui/hosts/${host}/end-orphan`
    return [text, { label: `End ${container} on ${titleOf(host)}`, path, fields: { container } }] as const
  })
  return new Map(all)
}

/** For a model that is gone although nobody unloaded it. */
function reloadAction(runtime: Runtime, { subject, severity }: AttentionView): Action | null {
  const id = subject.startsWith('service:') ? subject.slice('service:'.length) : ''
  const swap = runtime.arbiter.current()
  const closed = (swap && swap.ended_at === null) || runtime.lock.view().holder !== null
  if (severity !== 'warning' || closed || !runtime.swappable.some((each) => each.id === id)) return null
  if (runtime.observed.service(id)?.state !== 'stopped') return null
  const left = runtime.loads.of(id)
  const recipe = runtime.recipes.find((each) => each.id === left?.recipe && each.trusted)
  return recipe
    ? { label: `Load ${recipe.name} again`, path: '/ui/swap', fields: { recipe: recipe.id, service: id } }
    : null
}
