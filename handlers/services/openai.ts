import { type EngineMetrics, engineMetrics } from '../../core/cluster/engine-metrics'
import { type EngineModel, engineModels } from '../../core/cluster/engine-models'
import { type Answer, type Ask, isLate, type Probe, type ProbeFinding } from '../../core/cluster/probe'
import type { FactView } from '../../core/cluster/snapshot'
import { engineFigures } from '../engine-figures'
import { inferenceEndpoints } from '../inference-endpoints'
import type { Kind } from '../kind'

/** An engine with an OpenAI endpoint that is watched and passed on to, and driven by somebody else. */
export const kind: Kind = {
  kind: 'openai',
  summary:
    'an OpenAI endpoint that is watched and passed on to, not driven: vLLM (usually port 8000), SGLang (30000), llama.cpp (8080), Ollama (11434), TensorRT-LLM (8355), LM Studio (1234)',
  schema: { properties: {} },
  claims: () => inferenceEndpoints().map(({ method, path }) => `${method} ${path} by model`),
  endpoints: inferenceEndpoints,
  probe: ({ model }) => probe(model),
}

// TensorRT-LLM has JSON under the first, which is consumed by reading it; asked once in a while it does no harm.
const metricsPaths = ['/metrics', '/prometheus/metrics']
// Ollama and LM Studio have neither; asking each second would fill their logs.
const askAgainAfter = 60

function probe(fixed: string | null): Probe {
  const metrics = metricsReader()
  const health = optional('/health')
  const figures = engineFigures()
  let progress = { of: Number.NaN, moved: 0 }
  let models: EngineModel[] = []

  return async function look(ask) {
    const [listed, healthy, counted] = await Promise.allSettled([ask('/v1/models'), health(ask), metrics(ask)])
    const late = listed.status === 'rejected'
    // An engine with much to do may be late with one and still answer another.
    if (late && !(isLate(listed.reason) && (told(healthy) || told(counted)))) throw listed.reason
    const trouble = troubleOf(told(listed), told(healthy))
    if (trouble) return trouble
    if (!late) models = engineModels(listed.value)
    const seen = { models: named(), facts: facts(told(counted)), activity: activityOf(told(counted)) }
    if (late) return { state: 'busy', cause: 'is slow to answer', remedy: 'it has much to do; wait', ...seen }
    return { state: 'up', ...seen }
  }

  function named(): EngineModel[] {
    if (fixed === null) return models
    return [{ id: fixed, root: models.find(({ id }) => id === fixed)?.root ?? fixed }]
  }

  function facts(counted: EngineMetrics | null): FactView[] {
    const [only, ...others] = models
    const head: FactView =
      only && others.length === 0
        ? { label: 'Model', value: only.root, unit: null }
        : { label: 'Models', value: models.length, unit: null }
    const own = figures(counted)
    return counted ? [head, { label: 'Engine', value: counted.engine, unit: null }, ...own] : [head]
  }

  /** SGLang's sum also falls; any change is progress, so changes are counted. */
  function activityOf(counted: EngineMetrics | null): ProbeFinding['activity'] {
    if (!counted?.activity) return undefined
    const { running, moved } = counted.activity
    if (moved !== progress.of) progress = { of: moved, moved: progress.moved + 1 }
    return { running, moved: progress.moved }
  }
}

function told<T>(settled: PromiseSettledResult<T>): T | null {
  return settled.status === 'fulfilled' ? settled.value : null
}

function troubleOf(listed: Answer | null, healthy: Answer | null): ProbeFinding | null {
  const refusing = [listed, healthy].find((answer) => answer?.status === 503)
  if (refusing && /loading/i.test(refusing.text)) return { state: 'starting', cause: 'the model is loading' }
  if (refusing) return { state: 'down', cause: 'the engine has died', remedy: 'start it again' }
  if (listed?.status === 401 || listed?.status === 403)
    return {
      state: 'down',
      cause: 'asks for an API key',
      remedy: 'start it without one; it stands on your own network',
    }
  return null
}

/** Asks a path that not every engine has, and seldom again where it is missing. */
function optional(path: string) {
  let wait = 0
  return async function read(ask: Ask): Promise<Answer | null> {
    if (wait-- > 0) return null
    const answer = await ask(path)
    wait = [404, 405, 501].includes(answer.status) ? askAgainAfter : 0
    return answer
  }
}

function metricsReader() {
  let at = 0
  let wait = 0
  return async function read(ask: Ask): Promise<EngineMetrics | null> {
    if (wait-- > 0) return null
    const path = metricsPaths[at] ?? ''
    const { status, text } = await ask(path)
    const found = status === 200 ? engineMetrics(text) : null
    wait = 0
    if (found) return found
    at = (at + 1) % metricsPaths.length
    if (at === 0) wait = askAgainAfter
    return null
  }
}
