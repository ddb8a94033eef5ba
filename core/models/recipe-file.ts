import { basename } from 'node:path'
import type { ErrorObject } from 'ajv'
import type { Finding } from '../config/cluster'
import { idPattern } from '../config/common-schema'
import { type ParsedDocument, parseDocument } from '../config/document'
import { schemaFindings, sortFindings } from '../config/findings'
import { suggestion } from '../config/nearest'
import { newValidator } from '../config/validator'
import { type CommunityFields, communityRecipe } from './community-recipe'
import type { Recipe } from './recipe'
import { recipeHash } from './recipe-hash'
import type { Place, Reading, Remark } from './recipe-reading'
import { recipeSchema } from './recipe-schema'
import { isSparkrun, type SparkrunFields, sparkrunRecipe } from './sparkrun-recipe'
import { sparkrunSchema } from './sparkrun-schema'

export interface RecipeText {
  text: string
  /** As named to the operator; its base name is the id. */
  file: string
  source?: string
}

const knownKeys = Object.keys(recipeSchema.properties)
const validator = newValidator()
const isCommunity = validator.compile<CommunityFields>(recipeSchema)
const isValidSparkrun = validator.compile<SparkrunFields>(sparkrunSchema)

/** The recipe a text declares, or null with the findings that say why not; one that cannot be launched still loads, with a note. */
export function loadRecipe({ text, file, source = 'shipped' }: RecipeText): {
  recipe: Recipe | null
  findings: Finding[]
} {
  const document = parseDocument(text, file)
  if (document.findings.length > 0) return { recipe: null, findings: document.findings }
  const place: Place = { id: recipeId(file), file, source, text }
  const findings: Finding[] = []
  const { recipe, remarks } = read(document, place, findings)
  if (!new RegExp(idPattern).test(place.id)) remarks.push(badId(place.id))
  for (const { key, ...remark } of remarks) {
    const path = key === '' ? [] : key.split('.')
    findings.push({ file, ...document.at(path, 'key'), path: key, ...remark })
  }
  const valid = findings.every(({ severity }) => severity === 'note')
  return { recipe: valid && recipe ? { ...recipe, hash: recipeHash(recipe) } : null, findings: sortFindings(findings) }
}

/** A recipe's id is its file name, lower-cased, without the ending. */
export function recipeId(file: string): string {
  return basename(file)
    .toLowerCase()
    .replace(/\.ya?ml$/, '')
}

/** Whether a parsed file is meant to be a recipe, sound or not; folders of recipes hold other files too. */
export function looksLikeRecipe(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return ['recipe_version', 'command', 'model', 'container'].some((key) => key in value)
}

function read(document: ParsedDocument, place: Place, findings: Finding[]): Reading {
  const { value } = document
  const wrong = (errors: ErrorObject[] | null | undefined, schema: object) =>
    findings.push(...schemaFindings(errors ?? [], document, place.file, schema))
  if (isSparkrun(value)) {
    if (isValidSparkrun(value)) return sparkrunRecipe(value, place)
    wrong(isValidSparkrun.errors, sparkrunSchema)
    return { recipe: null, remarks: [] }
  }
  const remarks = unknownKeys(value)
  if (!isCommunity(value)) {
    wrong(isCommunity.errors, recipeSchema)
    return { recipe: null, remarks }
  }
  const reading = communityRecipe(value, place)
  return { ...reading, remarks: [...remarks, ...reading.remarks] }
}

/** Only remarked on: later versions of the format add keys, and the recipe runs all the same. */
function unknownKeys(value: unknown): Remark[] {
  const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []
  return keys
    .filter((key) => !knownKeys.includes(key))
    .map((key) => ({
      key,
      problem: 'unknown key',
      remedy: suggestion(key, knownKeys, 'known keys'),
      severity: 'note',
    }))
}

function badId(id: string): Remark {
  const remedy = 'use letters, digits, dots, dashes or underscores, at most 64'
  return { key: '', problem: `the file name "${id}" is no id`, remedy, severity: 'error' }
}
