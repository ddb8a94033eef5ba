import { repoPattern } from '../config/common-schema'
import { commandWords, runsVllm } from './command'
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

type Told = Pick<Recipe, 'command' | 'defaults'> & Partial<Pick<Recipe, 'docker' | 'container'>>

/** What a recipe's command says of itself, read from its words with the defaults filled in. */
export function commandFacts(recipe: Told): CommandFacts {
  const facts: CommandFacts = { problems: [], notes: [], model: null, nodes: 1, capabilities: [] }
  try {
    const argv = commandWords(recipe, { port: 8888 })
    facts.model = servedModel(argv, recipe)
    facts.nodes = parallelSizes.reduce((product, names) => product * size(argv, names), 1)
    facts.capabilities = capabilitiesOf(argv, recipe)
    facts.notes = argv.filter(looksExpandable).map((word) => ({
      problem: `${word} is passed as written`,
      remedy: 'nothing is expanded; write the value out',
    }))
    const share = flagValue(argv, ['--gpu-memory-utilization'])
    if (share !== undefined && !(Number(share) > 0 && Number(share) <= 1))
      facts.notes.push({ problem: `asks for the share "${share}" of the memory`, remedy: 'write 0.7, or auto' })
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

function servedModel(argv: readonly string[], { docker }: Told): string | null {
  const serve = argv.indexOf('serve')
  // Behind an entrypoint of the image the command begins with what `vllm serve` is given.
  const first = serve === -1 ? (docker?.entrypoint ? argv[0] : undefined) : argv[serve + 1]
  const model = flagValue(argv, ['--model']) ?? first
  return model !== undefined && new RegExp(repoPattern).test(model) ? model : null
}

function capabilitiesOf(argv: readonly string[], told: Told): string[] {
  // Community recipes also start other servers (pictures, speech), whose flags say nothing here.
  if (!runsVllm(argv, told)) return []
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
