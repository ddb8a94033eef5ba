import type { Host } from '../config/cluster'
import type { ScriptSettings } from '../models/recipe'
import type { Launched, Launcher, LaunchOrder, LaunchWork, Requirement } from './launcher'

/** The owner's own commands, run on the head; `{port}` in a word is the service's port. */
export const script: Launcher = {
  name: 'script',
  quiet: true,
  refusal: ({ recipe }) =>
    recipe.script ? null : `${recipe.id}: has no commands; name start, stop and status under spark_control.script`,
  requirements,
  question: () => null,
  work,
  stop: (launched, _, isHead) => (isHead ? [inFolder(launched, 'stop')] : []),
  proof: (launched, _, isHead) => (isHead ? { argv: inFolder(launched, 'status'), by: 'success' } : null),
}

function requirements({ recipe }: LaunchOrder, { id }: Host, isHead: boolean): Requirement[] {
  const { folder, start } = settingsOf(recipe.script)
  const problem = (what: string) => `${what} of ${recipe.id} is not on ${id}; put it there or correct ${recipe.file}`
  if (!isHead) return []
  const program = start[0] ?? ''
  const look = ['sh', '-c', 'command -v "$1"', 'spark-control-program', program]
  return [
    ...(folder === null ? [] : [{ argv: ['test', '-d', folder], problem: problem(`the folder ${folder}`) }]),
    { argv: ['env', '-C', folder ?? '~/', ...look], problem: problem(`the program ${program}`) },
  ]
}

function work(order: LaunchOrder): LaunchWork {
  const { folder, log } = settingsOf(order.recipe.script)
  const variables = Object.entries(order.recipe.env).map(([name, value]) => `${name}=${value}`)
  const start = [...(variables.length > 0 ? ['env', ...variables] : []), ...words(order, 'start')]
  return {
    directory: folder,
    start,
    homes: start.length,
    // What stood in it before belongs to another run; a file that is begun anew is followed from its start.
    log: log === null ? [] : ['sh', '-c', 'exec tail -n 0 -F "$1" 2>/dev/null', 'spark-control-log', log],
    logFirst: true,
    alive: words(order, 'status'),
    verdict: [],
  }
}

/** The command in its folder, which needs a word that is one to be found: `env` looks nowhere else. */
function inFolder(launched: Launched, which: 'stop' | 'status'): string[] {
  return ['env', '-C', settingsOf(launched.recipe.script).folder ?? '~/', ...words(launched, which)]
}

function words({ recipe, service }: Launched, which: 'start' | 'stop' | 'status'): string[] {
  return settingsOf(recipe.script)[which].map((word) => word.replaceAll('{port}', String(service.port)))
}

const none: ScriptSettings = { folder: null, start: [], stop: [], status: [], log: null }
const settingsOf = (settings: ScriptSettings | null) => settings ?? none
