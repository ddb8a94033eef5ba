import { repoPattern } from '../config/common-schema'
import { commandWords } from './command'
import { CommandProblem } from './command-problem'
import { flagValue } from './flags'
import type { Recipe } from './recipe'

export interface CommandFacts {
  problems: { problem: string; remedy: string }[]
  notes: { problem: string; remedy: string }[]
  /** The repo the command serves, or null when it cannot be told. */
  model: string | null
  /** Product of tensor, pipeline and data parallel sizes: every Spark has one GPU. */
  nodes: number
  /** What its flags say the model can do. */
  capabilities: string[]
}

/** What a recipe's command says of itself, read from its words with the defaults filled in. */
export function commandFacts(recipe: Pick<Recipe, 'command' | 'defaults'>): CommandFacts {
  const facts: CommandFacts = { problems: [], notes: [], model: null, nodes: 1, capabilities: [] }
  try {
    const argv = commandWords(recipe, { port: 8888 })
    facts.model = servedModel(argv)
    facts.nodes = parallelSizes.reduce((product, names) => product * size(argv, names), 1)
    facts.capabilities = capabilitiesOf(argv)
    facts.notes = argv.filter(looksExpandable).map((word) => ({
      problem: `${word} is passed as written`,
      remedy: 'nothing is expanded; write the value out',
    }))
  } catch (error) {
    if (!(error instanceof CommandProblem)) throw error
    facts.problems.push({ problem: error.problem, remedy: error.remedy })
  }
  return facts
}

const parallelSizes = [
  ['-tp', '--tensor-parallel-size'],
  ['-pp', '--pipeline-parallel-size'],
  ['-dp', '--data-parallel-size'],
]

function size(argv: readonly string[], names: readonly string[]): number {
  const value = flagValue(argv, names)
  if (value === undefined) return 1
  if (!/^[1-9]\d{0,3}$/.test(value)) throw new CommandProblem(`sets ${names[1]} to "${value}"`, 'write a whole number')
  return Number(value)
}

function servedModel(argv: readonly string[]): string | null {
  const serve = argv.indexOf('serve')
  const model = flagValue(argv, ['--model']) ?? (serve === -1 ? undefined : argv[serve + 1])
  return model !== undefined && new RegExp(repoPattern).test(model) ? model : null
}

function capabilitiesOf(argv: readonly string[]): string[] {
  // Community recipes also start other servers (pictures, speech), whose flags say nothing here.
  if (!argv.some((word) => /(^|\/)vllm$|^vllm\.entrypoints\./.test(word))) return []
  const task = flagValue(argv, ['--task', '--convert']) ?? ''
  if (/^(score|rerank|classify)$/.test(task)) return ['rerank']
  if (/^embed/.test(task) || flagValue(argv, ['--runner']) === 'pooling') return ['embed']
  const has = (...names: string[]) => flagValue(argv, names) !== undefined
  const images = /"image"\s*:\s*[1-9]/.test(flagValue(argv, ['--limit-mm-per-prompt']) ?? '')
  return [
    'chat',
    ...(images ? ['vision'] : []),
    ...(has('--reasoning-parser') ? ['reasoning'] : []),
    ...(has('--tool-call-parser', '--enable-auto-tool-choice') ? ['tools'] : []),
  ]
}

const looksExpandable = (word: string) => /\$[A-Za-z_({]|`|^~\//.test(word)
