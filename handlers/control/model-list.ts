import type { Runtime } from '../../core/runtime'
import type { Route } from '../route'

interface ModelEntry {
  id: string
  object: 'model'
  created: number
  owned_by: string
  /** What the name is: `recipe`, `repo`, `alias` or `capability`. */
  named_by: string
  /** `org/name` that answers under this name. */
  root: string
  service: string
  capabilities: string[]
  loaded: boolean
  /** A request that names it loads it. */
  on_demand: boolean
}

const capabilities = ['chat', 'vision', 'reasoning', 'tools', 'stt', 'diarize', 'tts', 'embed', 'rerank']

/** `GET /v1/models`: everything that can be named in `model`. */
export const modelListRoute: Route = {
  method: 'GET',
  path: '/v1/models',
  tag: 'apps',
  summary: 'Everything that can be named in `model`, its service and whether it is loaded',
  handle: ({ runtime }) => ({ object: 'list', data: modelList(runtime) }),
}

function modelList(runtime: Runtime): ModelEntry[] {
  const created = Math.floor(runtime.startedAt / 1000)
  const all = runtime.nameables()
  const names = new Map<string, string>()
  for (const each of all) if (each.recipe) names.set(each.recipe.id, 'recipe')
  for (const alias of Object.keys(runtime.cluster.aliases)) names.set(alias, 'alias')
  for (const each of all) {
    if (!names.has(each.repo)) names.set(each.repo, 'repo')
    if (each.upstreamName !== null && !names.has(each.upstreamName)) names.set(each.upstreamName, 'repo')
  }
  // What the default service serves now.
  if (runtime.resolve('current')?.upstreamName) names.set('current', 'alias')
  // A capability is worth naming only while something that is loaded has it.
  for (const capability of capabilities) {
    if (
      all.some((each) => each.upstreamName !== null && each.capabilities.includes(capability)) &&
      !names.has(capability)
    )
      names.set(capability, 'capability')
  }
  const entries = [...names].flatMap(([id, named_by]) => {
    const found = runtime.resolve(id)
    if (!found) return []
    const { repo: root, service, capabilities: can, upstreamName, recipe, exact } = found
    return [
      {
        id,
        object: 'model' as const,
        created,
        owned_by: 'spark-control',
        named_by,
        root,
        service: service.id,
        capabilities: can,
        loaded: upstreamName !== null,
        on_demand: exact && recipe?.demand.onDemand === true,
      },
    ]
  })
  return entries.sort((a, b) => Number(b.loaded) - Number(a.loaded))
}
