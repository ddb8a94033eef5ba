import { engineMetrics } from '../../core/cluster/engine-metrics'
import { type EngineModel, engineModels } from '../../core/cluster/engine-models'
import { isLate, type Probe } from '../../core/cluster/probe'
import { engineFigures } from '../engine-figures'
import { inferenceEndpoints } from '../inference-endpoints'
import type { Kind } from '../kind'

/** vLLM's OpenAI server, launched and swapped by the arbiter. */
export const kind: Kind = {
  kind: 'vllm',
  summary: 'vLLM, whose model the arbiter swaps; several hosts make a cluster launch',
  defaultPort: 8888,
  manyHosts: true,
  swappable: true,
  schema: {
    properties: {
      resume: {
        type: 'boolean',
        default: false,
        description:
          'After a power cut or a restart of its Sparks, the model that was loaded is loaded again by itself.',
      },
      master_port: {
        type: 'integer',
        minimum: 1024,
        maximum: 65535,
        description:
          'Port on the head over which the Sparks of one launch meet (`launch-cluster.sh --master-port`). Only needed where two services on several Sparks have the same head.',
      },
    },
  },
  claims: () => inferenceEndpoints().map(({ method, path }) => `${method} ${path} by model`),
  endpoints: inferenceEndpoints,
  probe,
}

const healthPatienceMs = 2000

/** Asks for health, models and counters at once: any of them may be late on an engine with much to do, and none alone tells. */
function probe(): Probe {
  let models: EngineModel[] = []
  const figuresOf = engineFigures()

  return async function look(ask) {
    const [listed, counted, health] = await Promise.allSettled([
      ask('/v1/models'),
      ask('/metrics'),
      ask('/health', { timeoutMs: healthPatienceMs }),
    ])
    const answered = [listed, counted, health].some(({ status }) => status === 'fulfilled')
    if (listed.status === 'rejected' && (!answered || !isLate(listed.reason))) throw listed.reason
    const statuses = [listed, health].map((each) => (each.status === 'fulfilled' ? each.value.status : null))
    if (statuses.includes(503)) return { state: 'down', cause: 'the engine has died', remedy: 'load the model again' }
    if (listed.status === 'fulfilled') models = engineModels(listed.value)
    const metrics = counted.status === 'fulfilled' ? engineMetrics(counted.value.text) : null
    const figures = {
      models,
      facts: [{ label: 'Model', value: models[0]?.root ?? null, unit: null }, ...figuresOf(metrics)],
      activity: metrics?.activity ?? undefined,
    }
    const late = [listed, health].some((each) => each.status === 'rejected' && isLate(each.reason))
    if (!late) return { state: 'up', ...figures }
    return { state: 'busy', cause: 'is slow to answer', remedy: 'it has much to do; wait', ...figures }
  }
}
