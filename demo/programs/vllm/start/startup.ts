import { bootPhase, joinPhase } from './boot'
import type { Start, Step } from './step'
import { cachePhase, compilePhase, graphPhase, readyPhase } from './warmup'
import { weightsPhase } from './weights'

// A drafter inside the model's own checkpoint (MTP) is one layer of it.
const MTP_SHARE = 0.02

/** The moments of one start in order, from the first line to the last before the port opens. */
export function* startup(start: Start): Generator<Step> {
  const { launch, model, drafter } = start
  yield* bootPhase(start)
  yield* joinPhase(start)
  yield* weightsPhase(start, 'model', model.shards)
  if (launch.speculative)
    yield* weightsPhase(start, 'drafter', drafter?.shards ?? model.shards.slice(0, 1).map((shard) => shard * MTP_SHARE))
  yield { seconds: 0, gate: 'all-loaded' }
  if (!launch.eager) yield* compilePhase(start)
  yield* cachePhase(start)
  if (!launch.eager) yield* graphPhase(start)
  yield* readyPhase(start)
}
