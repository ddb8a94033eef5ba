import type { Shape } from './shape'
import { tables } from './tables'

/** How a model is spread over Sparks, and why. */
export interface Spread {
  nodes: number
  tensor: number
  pipeline: number
  reason: string
  source: string
  /** Weights on one Spark, in GiB; null where their size is not known. */
  gibPerHost: number | null
  /** Why that many are not there, or nothing of it fits; null where all is well. */
  problem: string | null
}

const gibibyte = 2 ** 30
/** MemTotal of a Spark, taken where a host was never seen. */
const usualBytes = 127_600_748 * 1024

/** The fewest Sparks that hold weights and what a launch takes beside them. */
export function spread(
  { heads, kvHeads, layers }: Pick<Shape, 'heads' | 'kvHeads' | 'layers'>,
  {
    weightBytes,
    totalBytes,
    hosts,
    soloOnly,
  }: { weightBytes: number; totalBytes: number | null; hosts: number; soloOnly: boolean },
): Spread {
  const { room, steps } = tables.sizes
  const roomGib = ((totalBytes ?? usualBytes) / gibibyte) * room.share - room.overhead_gib - room.kv_gib
  const gib = Number.isFinite(weightBytes) && weightBytes > 0 ? weightBytes / gibibyte : null
  const usable = soloOnly ? steps.slice(0, 1) : steps
  const step = usable.find(({ nodes }) => (gib ?? 0) / nodes <= roomGib) ?? usable.at(-1)
  const nodes = step?.nodes ?? 1
  const tensor = step?.parallel === 'tensor' && divides(nodes)
  return {
    nodes,
    tensor: tensor ? nodes : 1,
    pipeline: tensor ? 1 : nodes,
    reason:
      step?.parallel === 'tensor' && !tensor
        ? `its attention heads do not divide by ${nodes}, so its layers are parted`
        : (step?.reason ?? ''),
    source: step?.source ?? room.source,
    gibPerHost: gib === null ? null : gib / nodes,
    problem: problem(),
  }

  /** Fewer key-value heads than ranks are copied, if they come out even. */
  function divides(ranks: number): boolean {
    const even = (count: number | null) => count === null || count % ranks === 0 || ranks % count === 0
    return (heads === null || heads % ranks === 0) && even(kvHeads)
  }

  function problem(): string | null {
    if (gib === null) return 'the size of its weights is not known; look again once it is whole on a disk'
    if (gib / nodes > roomGib)
      return `${gib.toFixed(0)} GiB of weights are more than ${many(nodes)} can hold; take a smaller quantisation`
    if (layers !== null && nodes > layers) return `it has ${layers} layers, too few for ${many(nodes)}`
    if (nodes > hosts) return `needs ${many(nodes)}, the service has ${hosts}`
    return null
  }
}

const many = (nodes: number) => (nodes === 1 ? 'one Spark' : `${nodes} Sparks`)
