/** @jsxImportSource #jsx */
import type { ModelView, ServiceView } from '../../core/cluster/snapshot'
import type { PageData, RecipeView } from '../page-data'
import { Trouble } from './trouble'
import { Ago } from './when'

/** What runs now, or why nothing does; a model whose server is silent is told as the last one known. */
export function modelPart(data: PageData) {
  const { models, services } = data.cluster
  const servers = services.filter((service) => service.kind === 'vllm' && !service.disabled)
  const empty = servers.filter((service) => !models.some((model) => model.service === service.id))
  return (
    <section id="model" class="panel" aria-labelledby="model-title">
      <h2 id="model-title">{models.length > 1 ? 'Models' : 'Model'}</h2>
      {models.map((model) => loaded(model, data))}
      {models.length === 0 && !servers.length && <p>No model server is declared; add a service of kind vllm.</p>}
      {empty.map((service) => vacant(service, data))}
    </section>
  )
}

function loaded(model: ModelView, data: PageData) {
  const recipe = data.recipes.find((candidate) => candidate.id === model.recipe)
  const service = data.cluster.services.find((candidate) => candidate.id === model.service)
  const idle = data.idle[model.service]
  const requests = data.requests[model.service] ?? 0
  const sure = service?.state === 'up' || service?.state === 'busy'
  return (
    <div class="model">
      <p class="name">{recipe?.name ?? model.repo}</p>
      <p class="small">
        {model.repo} · {model.recipe ? `recipe ${model.recipe}` : 'no recipe matches it'} ·{' '}
        {where(service, recipe, data)} · loaded <Ago time={model.since} now={data.now} />
        {requests > 0 && ` · ${requests} ${requests === 1 ? 'request is' : 'requests are'} running`}
        {idle && (
          <>
            {' '}
            · unloads <Ago time={idle} now={data.now} /> unless it is used
          </>
        )}
      </p>
      {!sure && (
        <p class="old">
          This is the last that was known
          {service?.seen_at && (
            <>
              , as of <Ago time={service.seen_at} now={data.now} />
            </>
          )}
          .
        </p>
      )}
      {!sure && service && <Trouble cause={service.cause} remedy={service.remedy} />}
    </div>
  )
}

// "Could not ask" is never "stopped": only a server that was seen empty has no model.
function vacant(service: ServiceView, data: PageData) {
  const host = data.cluster.hosts.find((candidate) => candidate.id === service.host)
  if (service.state === 'stopped')
    return (
      <div class="model">
        <p class="name">{data.slots.length > 1 ? `${service.title}: no model is loaded` : 'No model is loaded'}</p>
        <p class="small">Choose one below and press its Swap button.</p>
      </div>
    )
  if (service.state === 'starting')
    return (
      <div class="model busy">
        <p class="name">{data.slots.length > 1 ? `${service.title}: a model is starting` : 'A model is starting'}</p>
        <Trouble cause={service.cause} remedy={service.remedy} />
      </div>
    )
  return (
    <div class="model">
      <p class="name">
        {service.state === 'unknown' ? 'Not known which model runs' : `${service.title} does not answer`}
      </p>
      <Trouble cause={service.cause ?? host?.cause ?? null} remedy={service.remedy ?? host?.remedy ?? null} />
    </div>
  )
}

// A recipe for fewer hosts than its service names runs on the first of them.
function where(service: ServiceView | undefined, recipe: RecipeView | undefined, data: PageData): string {
  if (!service) return 'on an unknown host'
  const ids = service.hosts.slice(0, recipe?.nodes)
  const into = data.slots.length > 1 ? `${service.title}, ` : ''
  return `${into}on ${ids.map((id) => data.cluster.hosts.find((host) => host.id === id)?.title ?? id).join(' and ')}`
}
