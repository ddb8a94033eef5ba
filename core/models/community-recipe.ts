import { type CommandFacts, commandFacts } from './command-facts'
import { demandOf, type OwnBlock, runtimeOf, runtimeRemarks } from './own-block'
import type { Place, Reading, Remark } from './recipe-reading'
import { pythonText } from './template'

type Values = Record<string, string | number | boolean>

/** A file of spark-vllm-docker after validation; a blank value is null. */
export interface CommunityFields {
  recipe_version: string | number
  name: string
  description?: string | null
  model?: string | null
  container?: string
  command?: string
  defaults?: Values | null
  env?: Values | null
  mods?: string[] | null
  solo_only?: boolean
  cluster_only?: boolean
  spark_control?: OwnBlock | null
}

/** The recipe of a validated version 1 file, with what its command says of itself. */
export function communityRecipe(fields: CommunityFields, place: Place): Reading {
  const started = runtimeOf(fields.spark_control ?? {})
  const { command = '', container = '' } = fields
  const told = commandFacts({ command, container, docker: started.docker, defaults: fields.defaults ?? {} })
  // A script starts by its own words; a command beside them is for people to read.
  const facts: CommandFacts = started.runtime === 'script' ? { ...told, problems: [], notes: [] } : told
  const recipe = toRecipe(fields, facts, place, started)
  const remarks: Remark[] = [
    ...facts.problems.map((problem): Remark => ({ key: 'command', ...problem, severity: 'error' })),
    ...facts.notes.map((note): Remark => ({ key: 'command', ...note, severity: 'note' })),
    ...runtimeRemarks(fields.spark_control ?? {}, started.runtime),
  ]
  const note = (key: string, problem: string, remedy: string) =>
    remarks.push({ key, problem, remedy, severity: 'note' })

  if (String(fields.recipe_version) !== '1')
    note('recipe_version', `version ${fields.recipe_version} is not known`, 'it is read as version 1')
  if (recipe.repo === '' && facts.problems.length === 0)
    remarks.push({ key: '', problem: '"model" is missing', remedy: 'add model: org/name', severity: 'error' })
  if (fields.model && facts.model && fields.model !== facts.model)
    note('model', `the command serves ${facts.model}`, 'name the same model in both')
  if (recipe.unrunnable) note('solo_only', `cannot be launched: ${recipe.unrunnable}`, 'correct the recipe')
  return { recipe, remarks }
}

function toRecipe(
  fields: CommunityFields,
  facts: CommandFacts,
  place: Place,
  started: ReturnType<typeof runtimeOf>,
): NonNullable<Reading['recipe']> {
  const { solo_only: soloOnly = false, cluster_only: clusterOnly = false, spark_control: own } = fields
  const env = Object.entries(fields.env ?? {}).map(([key, value]) => [key, pythonText(value)])
  return {
    ...place,
    ...started,
    name: own?.title ?? fields.name,
    description: fields.description ?? '',
    repo: fields.model ?? facts.model ?? '',
    container: fields.container ?? '',
    command: fields.command ?? '',
    defaults: fields.defaults ?? {},
    env: Object.fromEntries(env),
    mods: fields.mods ?? [],
    soloOnly,
    clusterOnly,
    // In cluster mode the launcher wants two Sparks even for a command that would do with one.
    nodes: clusterOnly ? Math.max(2, facts.nodes) : facts.nodes,
    capabilities: own?.capabilities ?? facts.capabilities,
    knownIssue: own?.known_issue ?? null,
    demand: demandOf(own ?? {}),
    revision: null,
    trusted: true,
    unrunnable: contradiction(soloOnly, clusterOnly, facts.nodes),
  }
}

function contradiction(soloOnly: boolean, clusterOnly: boolean, nodes: number): string | null {
  if (soloOnly && clusterOnly) return 'it is both solo_only and cluster_only'
  return soloOnly && nodes > 1 ? `it is solo_only, and its command asks for ${nodes} Sparks` : null
}
