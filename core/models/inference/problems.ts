import type { FoundModel } from '../disk/found-model'
import type { Quantisation } from './quantisation'
import type { SuggestedFlag } from './settle'
import type { Shape } from './shape'
import type { Rule } from './tables'

/** All that a suggestion was made from. */
export interface Made {
  /** The name as it was found, and as it stands in the recipe. */
  named: string
  repo: string
  found: Pick<FoundModel, 'config' | 'layout'>
  model: Shape
  family: Rule | null
  stored: Quantisation
  rules: Rule[]
  flags: SuggestedFlag[]
}

/** Why a suggestion may not run: what is not known first, then what the tables warn of, then what is not there. */
export function problemsOf(made: Made, missing: (string | null)[]): string[] {
  const { named, repo, rules, model, flags } = made
  const renamed = named === repo ? null : `its name is none that a recipe can hold; ${repo} stands in its place`
  const warned = rules.map(({ problem }) => problem ?? null)
  return [renamed, ...unknowns(made), ...warned, ...missing, codeProblem(model, flags)].filter((each) => each !== null)
}

function unknowns({ found, model: { architecture }, family, stored }: Made): string[] {
  if (found.layout === 'gguf') return []
  if (found.config === null) return ['it has no config.json that can be read, so that all of this is a guess']
  const problems: string[] = []
  if (!family)
    problems.push(
      `nothing is kept here about ${architecture || 'its architecture'}; whether vLLM loads it is not known, and parsers are left out`,
    )
  if (!stored.rule) problems.push('how its weights are stored is not known here; vLLM may not load them')
  return problems
}

/** That code would run with the weights of whoever wrote it, so that a person has to ask for it. */
function codeProblem({ ownCode }: Shape, flags: SuggestedFlag[]): string | null {
  if (!ownCode || flags.some(({ flag }) => flag === '--trust-remote-code')) return null
  return 'it asks for Python code of its own repo; where it does not start, and you trust who made it, add --trust-remote-code'
}
