import type { ModelFacts } from './raw-disk'
import type { kindOf } from './weight-files'

/** What belongs to a model beside its weights. */
export interface Companions {
  /** Files without which it does not load; each must be there and whole. */
  needed: string[]
  /** Why it does not load though no single file is wanted. */
  faults: string[]
  /** What a launch may do without, in words. */
  notes: string[]
}

/**
 * Which files beside the weights a launch needs: a configuration and one tokenizer. Of all others that a repo lists only those
 * that are there must be whole: vLLM itself, and a download by patterns, fetch but a part.
 */
export function companions(facts: ModelFacts, kind: ReturnType<typeof kindOf>): Companions {
  const [here, listed] = [[...facts.files.keys()], [...(facts.tree?.keys() ?? [])]]
  const held = here.filter((name) => loads.test(name) && !name.endsWith('.index.json'))
  // GGUF holds its configuration and tokenizer itself; what other kinds want is not known.
  if (kind !== 'safetensors' && kind !== 'bin') return { needed: held.filter(isListed), faults: [], notes: [] }
  if (held.includes('adapter_config.json') && !held.some(isConfig) && !listed.some(isConfig))
    return { needed: [], faults: [adapter], notes: [] }
  const needed = [
    ...held.filter((name) => isListed(name) || isConfig(name) || isTokenizer(name)),
    ...configWanted(here, facts.tree === null ? null : listed),
    ...tokenizerWanted(held, listed),
  ]
  return { needed: [...new Set(needed)], faults: [], notes: notesOf(facts, held, listed) }

  function isListed(name: string): boolean {
    return facts.tree?.has(name) ?? false
  }
}

const adapter =
  'adapter_config.json: this is a LoRA adapter, which runs only on top of its base model; merge them, or name it in a recipe of the base model'
const loads = /^([^/]+\.(json|jinja|model|tiktoken|py)|(vocab|merges)\.txt)$/
const isConfig = (name: string) => /^(config|params|model_index)\.(json|ya?ml)$/.test(name)
const isTokenizer = (name: string) => /^((tokenizer|tekken|vocab)\.json|vocab\.txt|[^/]+\.(model|tiktoken))$/.test(name)

/** One tokenizer that is whole; none where the repo has none. */
function tokenizerWanted(held: string[], listed: string[]): string[] {
  const alone = (name: string) => isTokenizer(name) && name !== 'vocab.json'
  if (held.some(alone)) return []
  const pair = [...new Set([...held, ...listed])].filter((name) => /^(vocab\.json|merges\.txt)$/.test(name))
  const whole = pair.includes('vocab.json') && pair.every((name) => held.includes(name))
  const [first] = listed.filter(alone).toSorted((a, b) => a.length - b.length)
  return first === undefined || whole ? pair : [first]
}

/** The configuration that is missing; none where one is there, or where the repo has none, so that no client can bring one. */
function configWanted(here: string[], listed: string[] | null): string[] {
  if (here.some(isConfig)) return []
  if (listed !== null) return listed.filter(isConfig).toSorted().slice(0, 1)
  return here.some((name) => /^[^/]+\.(safetensors|bin)$/.test(name)) ? ['config.json'] : []
}

function notesOf({ tree, config }: ModelFacts, held: string[], listed: string[]): string[] {
  if (tree === null) {
    const code = codeOf(config).filter((name) => !held.includes(name))
    const bare = held.includes('config.json') && !held.some(isTokenizer)
    return [
      ...(bare ? ['no tokenizer is there; a launch fetches one, or finds it elsewhere'] : []),
      ...code.map((name) => `${name}: is not here, though config.json names it`),
    ]
  }
  const absent = listed.filter((name) => loads.test(name) && !name.endsWith('.index.json') && !held.includes(name))
  // One configuration and one tokenizer are enough of those.
  const told = absent.filter((name) => !isConfig(name) && !isTokenizer(name))
  if (told.length === 0) return []
  const more = told.length > 3 ? ` and ${told.length - 3} more` : ''
  return [`${told.slice(0, 3).join(', ')}${more}: not fetched, which a launch may do without`]
}

/** Files of a repo's own code that its config.json names: `configuration_x.XConfig`, or `other/repo--modeling_x.X`. */
function codeOf(config: ModelFacts['config']): string[] {
  const map = config?.auto_map
  if (typeof map !== 'object' || map === null) return []
  const names = Object.values(map)
    .flat()
    .flatMap((value) =>
      typeof value === 'string' && /^\w{1,200}\.\w+$/.test(value) ? `${value.split('.')[0]}.py` : [],
    )
  return [...new Set(names)].slice(0, 10)
}
