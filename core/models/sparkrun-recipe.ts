import { repoPattern } from '../config/common-schema'
import type { Place, Reading } from './recipe-reading'

type Fields = Record<string, unknown>

const unrunnable = 'sparkrun recipes (recipe_version 2) are not supported yet'

/** Whether a parsed file is a recipe of sparkrun: it says version 2, or names a runtime, a key version 1 does not have. */
export function isSparkrun(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false
  const { recipe_version: version, runtime } = value as Fields
  return version === undefined ? typeof runtime === 'string' : String(version) === '2'
}

/** As much of a sparkrun recipe as the catalogue shows. */
export function sparkrunRecipe(fields: Fields, place: Place): Reading {
  const repo = text(fields.model)
  if (!new RegExp(repoPattern).test(repo)) {
    const remedy = 'write model: org/name'
    return { recipe: null, remarks: [{ key: 'model', problem: 'names no model', remedy, severity: 'error' }] }
  }
  const metadata = typeof fields.metadata === 'object' && fields.metadata !== null ? (fields.metadata as Fields) : {}
  const nodes = typeof fields.min_nodes === 'number' && fields.min_nodes >= 1 ? Math.floor(fields.min_nodes) : 1
  const recipe = {
    ...place,
    name: text(fields.name) || place.id,
    description: text(metadata.description) || text(fields.description),
    repo,
    container: text(fields.container),
    command: text(fields.command),
    defaults: {},
    env: {},
    mods: [],
    soloOnly: fields.solo_only === true || fields.max_nodes === 1,
    clusterOnly: fields.cluster_only === true || nodes > 1,
    nodes,
    capabilities: [],
    knownIssue: null,
    runtime: 'launch-cluster' as const,
    docker: null,
    script: null,
    revision: null,
    hash: '',
    trusted: true,
    text: '',
    unrunnable,
  }
  const problem = `cannot be launched: ${unrunnable}`
  return {
    recipe,
    remarks: [{ key: 'recipe_version', problem, remedy: 'use its spark-vllm-docker form', severity: 'note' }],
  }
}

const text = (field: unknown): string => (typeof field === 'string' ? field.slice(0, 4096) : '')
