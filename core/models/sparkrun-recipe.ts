import { commandFacts } from './command-facts'
import { CommandProblem } from './command-problem'
import { demandOf, type OwnBlock, runtimeOf, runtimeRemarks } from './own-block'
import type { Place, Reading, Remark } from './recipe-reading'
import { type SparkrunCommand, sparkrunCommand } from './sparkrun-command'
import { type ExecutorConfig, sparkrunDocker } from './sparkrun-docker'
import { sparkrunRefusal, vllmEngines } from './sparkrun-refusal'
import { pythonText } from './template'

/** A file of sparkrun after validation; a blank value is null. */
export interface SparkrunFields {
  model: string
  name?: string | null
  description?: string | null
  model_revision?: string | null
  runtime?: string | null
  mode?: 'auto' | 'solo' | 'cluster' | null
  min_nodes?: number | null
  max_nodes?: number | null
  container?: string | null
  defaults?: Record<string, unknown> | null
  env?: Record<string, string | number | boolean | null> | null
  command?: string | null
  metadata?: Record<string, unknown> | null
  runtime_config?: Record<string, unknown> | null
  executor_config?: ExecutorConfig | null
  pre_exec?: unknown[] | null
  post_exec?: unknown[] | null
  post_commands?: unknown[] | null
  mods?: string[] | null
  builder?: string | null
  cluster_only?: boolean | null
  solo_only?: boolean | null
  spark_control?: OwnBlock | null
}

// What sparkrun takes where a vLLM recipe names none.
const usualImage = 'ghcr.io/spark-arena/dgx-vllm-eugr-nightly-tf5:latest'
const ownKeys = ['min_nodes', 'max_nodes', 'metadata', 'executor_config', 'runtime_config']

/** Whether a parsed file is a recipe of sparkrun: it says version 2, or has a key that version 1 does not have. */
export function isSparkrun(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { recipe_version: version, runtime } = value as Record<string, unknown>
  if (version !== undefined && version !== null) return String(version) === '2'
  return typeof runtime === 'string' || ownKeys.some((key) => key in value)
}

/** The recipe of a validated version 2 file, with what keeps it from being launched here. */
export function sparkrunRecipe(fields: SparkrunFields, place: Place): Reading {
  const { spark_control: own, executor_config: config } = fields
  const block = own ?? {}
  const engine = engineOf(fields)
  const mods = modsOf(fields)
  const made = commandOf(fields)
  const command = withRevision(made.command, engine, fields.model_revision ?? null)
  const { docker, remarks: ofDocker } = sparkrunDocker(config ?? {})
  const container = fields.container ?? usualImage
  const facts = commandFacts({ command, defaults: made.defaults, container, docker })
  const sparks = sparksOf(fields, facts.nodes)
  const alone = sparks.nodes === 1 && mods.length === 0 && engine !== 'eugr-vllm'
  const started = runtimeOf(block, { runtime: alone ? 'docker' : 'launch-cluster', docker: alone ? docker : null })
  const { env, remarks: ofEnv } = variables(fields.env ?? {})
  const unrunnable = sparkrunRefusal(
    fields,
    { engine, mods, runtime: started.runtime, ...sparks },
    made.problem ?? facts.problems[0] ?? null,
  )
  const notes: [key: string, problem: string, remedy: string][] = [
    ...made.unknown.map((name): [string, string, string] => [
      'command',
      `nothing fills {${name}}, it is passed as written`,
      `set ${name} under defaults`,
    ]),
    ...facts.notes.map(({ problem, remedy }): [string, string, string] => ['command', problem, remedy]),
  ]
  if (made.unused.length > 0)
    notes.push(['defaults', `${made.unused.join(', ')}: no flag is made of these without a command`, 'write a command'])
  if (!fields.container && vllmEngines.includes(engine))
    notes.push(['', `names no container, ${usualImage} is taken`, 'name one'])
  if (started.runtime === 'launch-cluster' && !unrunnable && Object.keys(config ?? {}).length > 0)
    notes.push(['executor_config', 'is left to the launcher', 'launch-cluster.sh starts the container'])
  if (unrunnable) notes.push(['', `cannot be launched: ${unrunnable.reason}`, unrunnable.remedy])
  return {
    remarks: [
      ...notes.map(([key, problem, remedy]): Remark => ({ key, problem, remedy, severity: 'note' })),
      ...(started.runtime === 'docker' ? ofDocker : []),
      ...ofEnv,
      ...runtimeRemarks(block, started.runtime),
    ],
    recipe: {
      ...place,
      ...started,
      name: block.title ?? (fields.name || place.id),
      description: fields.description || text(fields.metadata?.description),
      repo: fields.model.split(':')[0] ?? '',
      container,
      command,
      defaults: made.defaults,
      env,
      mods,
      soloOnly: sparks.most === 1,
      clusterOnly: sparks.least > 1,
      nodes: sparks.nodes,
      capabilities: block.capabilities ?? facts.capabilities,
      knownIssue: block.known_issue ?? null,
      demand: demandOf(block),
      revision: fields.model_revision ?? null,
      trusted: true,
      unrunnable: unrunnable?.reason ?? null,
    },
  }
}

/** What can't be a command is none: nothing of it is kept that is longer than what was written. */
function commandOf({ command, model, defaults }: SparkrunFields): SparkrunCommand & { problem: CommandProblem | null } {
  try {
    return { ...sparkrunCommand(command ?? null, model, defaults ?? {}), problem: null }
  } catch (error) {
    if (!(error instanceof CommandProblem)) throw error
    return { command: '', defaults: {}, unknown: [], unused: [], problem: error }
  }
}

/** Sparkrun tells the engine by the command where a recipe names none. */
function engineOf({ runtime, command }: SparkrunFields): string {
  if (runtime) return runtime
  const begins = (command ?? '').trim()
  if (/^(sglang\s+serve|python3?\s+-m\s+sglang\.)/.test(begins)) return 'sglang'
  if (/^llama-server\b/.test(begins)) return 'llama-cpp'
  if (/^(trtllm-serve|mpirun\b.*trtllm)/.test(begins)) return 'trtllm'
  return 'vllm'
}

/** Early recipes carry them in the settings of the runtime. */
function modsOf({ mods, runtime_config: config }: SparkrunFields): string[] {
  if (mods && mods.length > 0) return mods
  return Array.isArray(config?.mods) ? config.mods.map(String) : []
}

// Only the wanted revision may be on the disk, and vLLM would look for the main one.
function withRevision(command: string, engine: string, revision: string | null): string {
  return revision === null || !vllmEngines.includes(engine) || command.includes('--revision')
    ? command
    : `${command} --revision ${revision}`
}

/** How many Sparks it takes at least, at most (null: any number) and as its command is written. */
function sparksOf(fields: SparkrunFields, asked: number): { least: number; most: number | null; nodes: number } {
  const least = Math.max(fields.min_nodes ?? 1, fields.cluster_only || fields.mode === 'cluster' ? 2 : 1)
  const most = fields.solo_only || fields.mode === 'solo' ? 1 : (fields.max_nodes ?? null)
  return { least, most, nodes: Math.max(least, asked) }
}

/** Nothing of this machine's environment goes into a container: what only names a variable of it is left out. */
function variables(written: NonNullable<SparkrunFields['env']>): { env: Record<string, string>; remarks: Remark[] } {
  const env: Record<string, string> = {}
  const remarks: Remark[] = []
  const note = (name: string, problem: string, remedy: string) =>
    remarks.push({ key: `env.${name}`, problem, remedy, severity: 'note' })
  for (const [name, given] of Object.entries(written)) {
    if (given === null) continue
    const value = pythonText(given)
    if (/^\$(\w+|\{\w+\})$/.test(value)) {
      note(name, `${value} is not expanded, and left out`, 'write the value out, or set it on the Spark')
      continue
    }
    if (/\$(\w|\{)/.test(value)) note(name, 'is passed as written', 'nothing is expanded; write it out')
    env[name] = value
  }
  return { env, remarks }
}

const text = (field: unknown): string => (typeof field === 'string' ? field.slice(0, 4096) : '')
