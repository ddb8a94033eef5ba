import type { Host, Service } from '../core/config/cluster'
import { sampleHost, sampleService } from '../core/config/declared.sample'
import type { Recipe } from '../core/models/recipe'
import { sampleRecipe } from '../core/models/recipe.sample'
import type { Model, Trouble } from './model'
import type { Random } from './random'

/** What is declared in a world, and what its models really do. */
export interface Declared {
  hosts: Host[]
  services: Service[]
  recipes: Recipe[]
  models: Model[]
}

const troubles: Trouble[] = [
  'fails-at-start',
  'fails-in-load',
  'stalls',
  'wrong-model',
  'no-token',
  'out-of-memory',
  'worker-dies',
]

/** Draws hosts, one or two services on them, and recipes of which some go wrong. */
export function drawDeclared(random: Random): Declared {
  const count = random.pick([1, 1, 2, 2, 2, 3, 4, 8])
  const hosts = Array.from({ length: count }, (_, index) =>
    sampleHost(`spark-${index + 1}`, {
      address: `192.0.2.${index + 1}`,
      fabric: `198.51.100.${index + 1}`,
      launcher: '~/spark-vllm-docker',
      reserveBytes: 4 * 2 ** 30,
    }),
  )
  const two = random.chance(0.3)
  const services = [
    sampleService('llm', { hosts: hosts.slice(0, random.int(1, count)), container: 'vllm_node' }),
    ...(two ? [sampleService('small', { hosts: [random.pick(hosts)], container: 'vllm_small', port: 8889 })] : []),
  ]
  const drawn = Array.from({ length: random.int(2, 4) }, (_, index) => drawRecipe(index, services, two, random))
  return { hosts, services, recipes: drawn.map(({ recipe }) => recipe), models: drawn.map(({ model }) => model) }
}

function drawRecipe(
  index: number,
  services: Service[],
  two: boolean,
  random: Random,
): { recipe: Recipe; model: Model } {
  const nodes = random.chance(0.5) ? 1 : (services[0]?.hosts.length ?? 1)
  const share = two ? random.pick([0.3, 0.4, 0.6]) : random.pick([0.5, 0.7, 0.85])
  const repo = `org/model-${index}`
  const flags = `--port {port} --gpu-memory-utilization ${share}`
  const tensor = nodes > 1 ? ` -tp ${nodes} --distributed-executor-backend ray` : ''
  const recipe = sampleRecipe({
    id: `model-${index}`,
    name: `Model ${index}`,
    repo,
    command: `vllm serve ${repo} ${flags}${tensor}`,
    nodes,
    runtime: nodes === 1 && random.chance(0.3) ? 'docker' : 'launch-cluster',
    hash: `hash-${index}`,
    file: `recipes/model-${index}.yaml`,
  })
  const trouble = random.chance(0.4) ? random.pick(troubles) : null
  const model = { repo, loadS: random.pick([4, 8, 20, 60, 150]), trouble, share: random.pick([0.2, 0.5, 1]) }
  return { recipe, model }
}
