import type { Suggestion } from '../../core/models/inference/suggest'
import { sampleRecipe } from '../../core/models/recipe.sample'
import type { Html } from '../html'
import { sampleDisk, sampleFit, sampleMenuHost, sampleModel } from '../models.sample'
import { sampleData, sampleTransfer } from '../page-data.sample'
import { deleteModelPage } from './delete-model'
import { modelsPage } from './models'
import { type RecipeSubject, recipePage } from './recipe'
import { setupPage } from './setup'

/** Every page of models with one word in every text that comes from elsewhere. */
export const modelPages: Record<string, (word: string) => Html> = {
  models: (word) =>
    modelsPage(
      {
        ended: [{ ...wordyTransfer(word), id: 'model-0', state: 'failed' }],
        sources: [{ name: word, title: word, problem: word, notes: [word] }],
        token: { name: word, set: true },
      },
      { query: word, problem: null, results: [{ repo: word, downloads: 1, gated: true }] },
      modelsData(word),
    ),
  'delete a model': (word) => deleteModelPage(wordyModel(word), word, sampleData()),
  recipe: (word) => recipePage(recipeSubject(word), sampleData()),
  'foreign recipe': (word) =>
    recipePage({ ...recipeSubject(word), recipe: { ...wordyRecipe(word), trusted: false } }, sampleData()),
  'set up a model': (word) =>
    setupPage(word, wordySuggestion(word), { id: word, yaml: word, replaces: word, problems: [word] }, sampleData()),
}

const wordyModel = (word: string) =>
  sampleModel({
    name: word,
    repo: word,
    description: word,
    capabilities: [word],
    reason: word,
    known_issue: word,
    hosts: { 'spark-1': sampleMenuHost({ state: 'partial', problems: [word] }) },
  })
const wordyRecipe = (word: string) =>
  sampleRecipe({
    name: word,
    description: word,
    repo: word,
    container: word,
    capabilities: [word],
    mods: [word],
    knownIssue: word,
    hash: word,
    source: word,
    text: word,
    file: word,
    unrunnable: word,
  })
const wordyTransfer = (word: string) =>
  sampleTransfer({ id: word, title: word, repo: word, error: { message: word, code: word, remedy: word } })
const modelsData = (word: string) =>
  sampleData({
    menu: { models: [wordyModel(word)], downloads: [wordyRecipe(word)] },
    jobs: [wordyTransfer(word)],
    disks: [
      sampleDisk({ caches: [{ path: word, layout: 'hub', own: true, mounted: true, real: word, problem: word }] }),
    ],
  })
const recipeSubject = (word: string): RecipeSubject => ({
  recipe: wordyRecipe(word),
  origin: word,
  commands: [{ host: word, command: word }],
  untold: word,
  settings: word,
  fit: sampleFit({ reason: word, remedies: [word] }),
  model: wordyModel(word),
  loaded: false,
  beneath: word,
  difference: ['@@ -1,1 +1,1 @@', `-${word}`, `+${word}`],
})
const wordySuggestion = (word: string): Suggestion => ({
  yaml: word,
  recipeId: word,
  name: word,
  nodes: 1,
  image: word,
  runtime: 'launch-cluster',
  capabilities: [word],
  flags: [{ flag: word, value: word, reason: word, source: word, confidence: 'guess' }],
  confidence: 'likely',
  problems: [word],
})
