import type { FoundModel } from '../disk/found-model'
import { defaultsOf, frameFlags } from './frame'
import { imageFor } from './image'
import { problemsOf } from './problems'
import { type Quantisation, quantisation } from './quantisation'
import { freeId, safeRepo } from './recipe-name'
import { recipeYaml } from './recipe-yaml'
import { type SuggestedFlag, settle } from './settle'
import { type Shape, shape } from './shape'
import { type Spread, spread } from './spread'
import { type Confidence, type Rule, ruleFor, type TraitName, tables } from './tables'

export interface SuggestionInput {
  /** `org/name`. */
  repo: string
  found: Pick<FoundModel, 'config' | 'quantConfig' | 'weightBytes' | 'layout'>
  /** How many hosts the service has that it would be loaded into. */
  hosts: number
  /** Memory of the smallest of them; null where none was seen. */
  totalBytes: number | null
  /** Image tags on them; left out: not known. */
  images?: readonly string[]
  /** Ids of recipes that are there already. */
  taken?: readonly string[]
}

/** A recipe for a model that has none, to be looked at and confirmed by a person. */
export interface Suggestion {
  /** A recipe as spark-vllm-docker reads it, with our block beside; it loads without an error. */
  yaml: string
  recipeId: string
  name: string
  nodes: number
  image: string
  runtime: 'launch-cluster' | 'docker'
  capabilities: string[]
  flags: SuggestedFlag[]
  confidence: Confidence
  /** Why it may not run, worst first. */
  problems: string[]
}

/** What to launch a model with, by its name, family, quantisation and size; pure, and whatever its config.json holds. */
export function suggest({ repo: named, found, hosts, totalBytes, images, taken = [] }: SuggestionInput): Suggestion {
  const repo = safeRepo(named)
  const model = shape(found.config)
  const stored = quantisation(found)
  const own = { repo, architecture: model.architecture, model_type: model.modelType }
  const exact = ruleFor(tables.models, own)
  const family = ruleFor(tables.families, own)
  // The weightiest last.
  const rules = [stored.rule, family, exact].filter((rule) => rule !== null)
  const pick = <Key extends keyof Rule>(key: Key) => rules.findLast((rule) => rule[key] !== undefined)?.[key]
  const kind = pick('kind') ?? 'chat'
  const soloOnly = pick('solo_only') ?? false
  const spreading = spread(model, { weightBytes: found.weightBytes, totalBytes, hosts, soloOnly })
  const traits = traitsOf(own, model, stored, found.layout, kind)
  const settled = settle(
    [
      { settings: sizeSettings(spreading), confidence: 'likely' },
      { settings: family ? [] : tables.sizes.unknown, confidence: 'guess' },
      { settings: stored.rule?.settings ?? [], confidence: 'likely' },
      { settings: family?.settings ?? [], confidence: 'likely' },
      { settings: exact?.settings ?? [], confidence: 'sure' },
    ],
    traits,
  ).filter(({ flag }) => model.vision || !flag.includes('-mm-'))
  const reads = settled.some(({ flag, value }) => flag === '--tool-call-parser' && value !== null)
  // vLLM does not start where tools may be called and nothing reads the calls.
  const flags = settled.filter(({ flag }) => reads || flag !== '--enable-auto-tool-choice')
  const { choice, reason, source, problem: imageProblem } = imageFor(pick('images'), spreading.nodes, images)
  const capabilities = capabilitiesOf(kind, model, flags)
  const name = repo.split('/')[1] ?? repo
  const runtime = choice.runtime ?? 'launch-cluster'
  const frame = frameFlags(spreading, model.context, pick('context'), kind)
  const all: SuggestedFlag[] = [
    { flag: 'container', value: choice.image, reason, source, confidence: family ? 'likely' : 'guess' },
    ...frame,
    ...flags,
  ]
  return {
    yaml: recipeYaml({
      name,
      description: described(family, stored, model, spreading.nodes),
      repo,
      container: choice.image,
      runtime,
      mods: runtime === 'docker' ? [] : [...new Set(rules.flatMap(({ mods = [] }) => mods))],
      buildArgs: rules.find((rule) => rule.images?.includes(choice))?.build_args ?? [],
      soloOnly,
      clusterOnly: spreading.nodes > 1,
      defaults: defaultsOf(all),
      flags: all,
      capabilities,
    }),
    recipeId: freeId(repo, taken),
    name,
    nodes: spreading.nodes,
    image: choice.image,
    runtime,
    capabilities,
    flags: all,
    confidence: exact ? 'sure' : family && stored.rule && !stored.rule.problem ? 'likely' : 'guess',
    problems: problemsOf({ named, repo, found, model, family, stored, rules, flags: all }, [
      spreading.problem,
      imageProblem,
    ]),
  }
}

function traitsOf(
  own: Pick<Record<TraitName, string>, 'repo' | 'architecture' | 'model_type'>,
  { moe, vision, mtp }: Shape,
  stored: Quantisation,
  layout: FoundModel['layout'],
  kind: string,
): Partial<Record<TraitName, string>> {
  const yes = (is: boolean) => (is ? 'yes' : 'no')
  return {
    ...own,
    moe: yes(moe),
    vision: yes(vision),
    mtp: yes(mtp),
    quantisation: stored.id,
    layout,
    kind,
  }
}

function sizeSettings({ gibPerHost }: Spread) {
  const gib = gibPerHost ?? 0
  return tables.sizes.per_host.find(({ up_to_gib }) => up_to_gib === null || gib <= up_to_gib)?.settings ?? []
}

function capabilitiesOf(kind: 'chat' | 'embed' | 'rerank', { vision }: Shape, flags: SuggestedFlag[]): string[] {
  const has = (name: string) => flags.some(({ flag, value }) => flag === name && value !== null)
  return [
    kind,
    ...(vision && kind === 'chat' ? ['vision'] : []),
    ...(has('--reasoning-parser') ? ['reasoning'] : []),
    ...(has('--tool-call-parser') ? ['tools'] : []),
  ]
}

function described(family: Rule | null, stored: Quantisation, { vision }: Shape, nodes: number): string {
  const parts = [family?.name ?? 'A model of a family not known here', stored.name, ...(vision ? ['with vision'] : [])]
  return `${parts.join(', ')}, for ${nodes === 1 ? 'one Spark' : `${nodes} Sparks`}`
}
