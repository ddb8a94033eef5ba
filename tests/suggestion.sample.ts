import { expect } from 'bun:test'
import { recipeCommand } from '../core/models/command'
import { flagValue } from '../core/models/flags'
import { type SuggestionInput, suggest } from '../core/models/inference/suggest'
import { loadRecipe } from '../core/models/recipe-file'
import { catalogue } from '../demo/models'

export type Found = SuggestionInput['found']

/** The facts of a model of the demo's hub, which are those of the published one. */
export function published(repo: string): { repo: string; found: Found } {
  const model = catalogue.find((each) => each.repo === repo)
  if (!model) throw new Error(`${repo}: not in demo/models/catalogue.yaml; add it there`)
  const { config, quantization, bytes } = model
  const whole = quantization ? { ...config, quantization_config: quantization } : config
  return { repo, found: { config: whole, quantConfig: null, weightBytes: bytes, layout: 'hub' } }
}

/** A suggestion, and what its recipe says after it was loaded without a finding. */
export function suggested(input: Omit<SuggestionInput, 'hosts' | 'totalBytes'> & Partial<SuggestionInput>) {
  const suggestion = suggest({ hosts: 2, totalBytes: null, ...input })
  const { recipe, findings } = loadRecipe({ text: suggestion.yaml, file: `recipes/${suggestion.recipeId}.yaml` })
  expect(findings).toEqual([])
  if (!recipe) throw new Error('it did not load')
  const words = recipeCommand(recipe, { port: 8888, utilization: 0.5 })
  return { ...suggestion, recipe, words, value: (flag: string) => flagValue(words, [flag]) }
}
