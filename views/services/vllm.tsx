/** @jsxImportSource #jsx */
import type { FactView, ServiceView } from '../../core/cluster/snapshot'
import { figure } from '../format/figure'
import type { PageData } from '../page-data'
import { Facts, factTexts } from '../parts/facts'
import { ServiceTile } from '../parts/service-tile'

/** A vLLM server: the model it serves, who is being answered and who waits, its speed and how full its cache is. */
export function tile(service: ServiceView, data: PageData) {
  const model = data.cluster.models.find((candidate) => candidate.service === service.id)
  const cache = service.facts.find((fact) => /kv/i.test(fact.label))
  const rest = service.facts.filter((fact) => fact !== cache && !/^model$/i.test(fact.label))
  return (
    <ServiceTile service={service} data={data}>
      <p class="name">{model?.repo ?? noModel(service)}</p>
      {cache && <CacheGauge fact={cache} />}
      <Facts facts={factTexts(inOrder(rest))} />
    </ServiceTile>
  )
}

function CacheGauge(props: { fact: FactView }) {
  const text = figure(props.fact.value, props.fact.unit)
  if (typeof props.fact.value !== 'number' || props.fact.unit !== '%') return <p>KV cache: {text}</p>
  return (
    <div class="gauge">
      <p>
        <span>KV cache</span> <span>{text} full</span>
      </p>
      <meter min={0} max={100} high={95} value={props.fact.value} aria-label={`KV cache, ${text} full`} />
    </div>
  )
}

function noModel(service: ServiceView): string {
  if (service.state === 'starting') return 'A model is loading'
  return service.state === 'stopped' ? 'No model' : 'Model not known'
}

const order = [/running/i, /waiting/i, /token|speed/i]

function inOrder(facts: FactView[]): FactView[] {
  const rank = (fact: FactView) => order.findIndex((pattern) => pattern.test(fact.label)) + 1 || order.length + 1
  return facts.toSorted((a, b) => rank(a) - rank(b))
}
