import families from './families.yaml'
import models from './models.yaml'
import quantisations from './quantisations.yaml'
import sizes from './sizes.yaml'

/** `sure` was published for exactly this model, `likely` for its like, `guess` is neither. */
export type Confidence = 'sure' | 'likely' | 'guess'

/** A pattern for the whole of each trait named, upper and lower case alike; all of them must match. */
export type Conditions = Partial<Record<TraitName, string>>

/** What rules may ask of a model; all are text, `yes` or `no` where it is a question. */
export type TraitName =
  | 'architecture'
  | 'model_type'
  | 'repo'
  | 'moe'
  | 'vision'
  | 'mtp'
  | 'quantisation'
  | 'kind'
  | (typeof quantisationTraits)[number]

/** What tells how weights are stored; see quantisation.ts. */
export const quantisationTraits = ['method', 'algorithm', 'layers', 'format', 'weights', 'block', 'layout'] as const

/** One flag or variable of a launch, and why. */
export interface Setting {
  flag?: string
  env?: string
  /** None: a flag without a value; null: left out on purpose; an object is written as JSON. */
  value?: string | number | null | object
  when?: Conditions
  reason: string
  source: string
  confidence?: Confidence
}

export interface ImageChoice {
  image: string
  /** `launch-cluster` when left out. */
  runtime?: 'launch-cluster' | 'docker'
}

/** What is known of models that are alike. */
export interface Rule {
  id: string
  name: string
  /** Any of them. */
  match: Conditions[]
  reason: string
  source: string
  settings?: Setting[]
  /** Best first. */
  images?: ImageChoice[]
  mods?: string[]
  build_args?: string[]
  solo_only?: boolean
  kind?: 'chat' | 'embed' | 'rerank'
  /** Most tokens that are asked for at first. */
  context?: number
  /** Why it may not run. */
  problem?: string
}

export interface Sizes {
  /** What one host can give, as a share of its memory, and what a launch takes there besides weights. */
  room: { share: number; overhead_gib: number; kv_gib: number; reason: string; source: string }
  /** Fewest hosts first. */
  steps: { nodes: number; parallel: 'none' | 'tensor' | 'pipeline'; reason: string; source: string }[]
  /** By weights on one host; the first that is not exceeded. */
  per_host: { up_to_gib: number | null; settings: Setting[] }[]
  context: { cap: number; reason: string; source: string }
  /** For models of a family that is not known. */
  unknown: Setting[]
  image: ImageChoice & { reason: string; source: string }
}

/** What is known of models, their families and ways to store weights, and of sizes; people edit the YAML beside this file. */
export const tables = { families, models, quantisations, sizes } as {
  families: Rule[]
  models: Rule[]
  quantisations: Rule[]
  sizes: Sizes
}

/** Whether all conditions hold of the traits; one that asks for a trait not given does not. */
export function holds(conditions: Conditions | undefined, traits: Partial<Record<TraitName, string>>): boolean {
  return Object.entries(conditions ?? {}).every(([trait, pattern]) => {
    const value = traits[trait as TraitName]
    return value !== undefined && new RegExp(`^(?:${pattern})$`, 'i').test(value)
  })
}

/** The first rule that one of whose alternatives holds. */
export function ruleFor(rules: readonly Rule[], traits: Partial<Record<TraitName, string>>): Rule | null {
  return rules.find(({ match }) => match.some((each) => holds(each, traits))) ?? null
}
