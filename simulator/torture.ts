import type { Service } from '../core/config/cluster'
import { sampleHost, sampleService } from '../core/config/declared.sample'
import type { JobView } from '../core/jobs/job'
import type { Recipe } from '../core/models/recipe'
import { sampleRecipe } from '../core/models/recipe.sample'
import { beginSwap } from './begin-swap'
import type { Declared } from './declared'
import type { Effect, Mishap } from './life'
import type { Trouble } from './model'
import { random } from './random'
import { type Plant, type Stage, stage } from './stage'
import { untilEnded } from './until-ended'

export interface TortureOptions {
  /** How the load of the new model goes wrong; null: it works. */
  trouble: Trouble | null
  /** Which effect of the swap goes wrong, from 0, and how; null: none does. */
  wrong: { at: number; mishap: Mishap } | null
  plant?: Plant
}

/** How one swap ended with one of its effects gone wrong. */
export interface Tortured {
  /** Every effect of the swap, in order. */
  effects: string[]
  /** Null: it was not accepted. */
  job: JobView | null
  /** The model that serves in the end; null: none does. */
  serves: string | null
  /** What is wrong with the end; null: nothing. */
  fault: string | null
  tail: string[]
}

/** What may go wrong with any effect. */
export const mishaps: readonly Mishap[] = [
  'fails',
  'throws',
  'reply-lost',
  'late',
  'killed-before',
  'killed-within',
  'killed-after',
]

/** Swaps from one model to another on two Sparks, and lets one effect of it go wrong. */
export async function torture({ trouble, wrong, plant }: TortureOptions): Promise<Tortured> {
  const declared = twoSparks(trouble)
  const { services, recipes } = declared
  const [service] = services as [Service]
  const [old, wanted] = recipes as [Recipe, Recipe]
  const effects: string[] = []
  let counting = false
  const set = stage({ declared, draw: random(1), names: ['a'], fate, plant })

  function fate({ kind, name }: Effect): Mishap | null {
    if (!counting) return null
    effects.push(`${kind} ${name}`)
    return effects.length - 1 === wrong?.at ? wrong.mishap : null
  }

  await swapped(set, old, service)
  counting = true
  await swapped(set, wanted, service)
  // What arrives late does so within ten minutes.
  await set.time.run(set.time.now + 700_000, () => true)
  const last = set.controllers[0]?.program?.journal.list({ kind: 'swap', limit: 1 })[0] ?? null
  const job = last?.recipe === wanted.id ? last : null
  const serves = servingIn(set)
  return { effects, job, serves, fault: faultOf(set, job, serves, declared), tail: set.world.trace.tail() }
}

async function swapped(set: Stage, recipe: Recipe, service: Service): Promise<void> {
  const { controllers, time, watched } = set
  const program = controllers[0]?.program
  // A program that is killed while it accepts answers nobody.
  if (program) await Promise.race([beginSwap(program, { recipe, service }).catch(() => null), Promise.resolve()])
  await time.run(time.now + 1000, () => watched.broken === null)
  await untilEnded(set)
}

/** One of: the new model, the old one, or none and said so; and true. */
function faultOf({ watched }: Stage, job: JobView | null, serves: string | null, declared: Declared) {
  const [old, wanted] = declared.recipes.map(({ repo }) => repo)
  if (watched.broken) return watched.broken.message
  const said = job === null ? 'previous' : job.result
  const meant = said === 'new' ? wanted : said === 'previous' ? old : null
  if (said === 'unknown') return job?.error ? null : 'it does not say why it is not known'
  if (said === 'none' && !job?.error) return 'it does not say why nothing is loaded'
  return serves === meant ? null : `it says ${said}, but ${serves ?? 'nothing'} serves`
}

function servingIn({ world }: Stage): string | null {
  const engines = [...world.sparks.values()].flatMap((spark) => spark.engines())
  return engines.find(({ state }) => state === 'serving')?.serves ?? null
}

function twoSparks(trouble: Trouble | null): Declared {
  const hosts = [1, 2].map((number) =>
    sampleHost(`spark-${number}`, {
      address: `192.0.2.${number}`,
      fabric: `198.51.100.${number}`,
      launcher: '~/spark-vllm-docker',
    }),
  )
  const services = [sampleService('llm', { hosts, container: 'vllm_node' })]
  const recipes = ['old', 'new'].map((id) =>
    sampleRecipe({
      id,
      name: id,
      repo: `org/${id}`,
      command: `vllm serve org/${id} --port {port} --gpu-memory-utilization 0.7 -tp 2`,
      nodes: 2,
      hash: id,
    }),
  )
  const model = { loadS: 1, trouble: null, share: 1 }
  const models = [
    { ...model, repo: 'org/old' },
    { ...model, repo: 'org/new', trouble },
  ]
  return { hosts, services, recipes, models }
}
