import { CommandProblem } from './command-problem'
import { flagValue } from './flags'
import type { Recipe } from './recipe'
import { parseTemplate, renderTemplate, templateNames } from './template'
import { splitWords } from './words'

/** What the service and the launch decide, whatever the recipe says. */
export interface CommandOverrides {
  port: number
  host?: string
  /** Share of the host's memory, over 0 and up to 1; null or left out: as the recipe says. */
  utilization?: number | null
  /** Where the weights lie inside the container, for those that are in no Hugging Face cache. */
  model?: { repo: string; path: string }
}

/** The share of memory that vLLM takes where nothing tells it one. */
export const usualUtilization = 0.92

const share = 'gpu_memory_utilization'

type Template = Pick<Recipe, 'command' | 'defaults'> & Partial<Pick<Recipe, 'docker' | 'container'>>

/**
 * The argument list a recipe launches, with the service's port in place of its own.
 * @throws {Error} `recipes/x.yaml: command: problem; remedy`; a runnable recipe that was loaded without an error never does.
 */
export function recipeCommand(recipe: Template & Pick<Recipe, 'file'>, overrides: CommandOverrides): string[] {
  try {
    return commandWords(recipe, overrides)
  } catch (error) {
    if (!(error instanceof CommandProblem)) throw error
    throw new Error(`${recipe.file}: command: ${error.message}`)
  }
}

/** The same, before it is known which file it stands in. @throws {CommandProblem} */
export function commandWords(recipe: Template, overrides: CommandOverrides): string[] {
  const { command, defaults } = recipe
  const { port, host, utilization = null, model } = overrides
  const parts = parseTemplate(command)
  const named = new Set(templateNames(parts))
  const values = {
    ...defaults,
    port,
    host: host ?? defaults.host ?? '0.0.0.0',
    ...(named.has(share) ? { [share]: utilization ?? writtenShare(defaults) ?? usualUtilization } : {}),
  }
  const argv = splitWords(renderTemplate(parts, values))
  const program = argv[0] ?? ''
  if (program === '') throw new CommandProblem('is empty', 'name a program')
  if (/^[A-Za-z_]\w*=/.test(program)) throw new CommandProblem('begins with a variable', 'set it under env')
  if (!named.has('port')) setFlag(argv, '--port', String(port))
  if (!named.has('host') && host !== undefined) setFlag(argv, '--host', host)
  const vllm = runsVllm(argv, recipe)
  if (utilization !== null && !named.has(share) && vllm && !sizesItself(argv))
    setFlag(argv, '--gpu-memory-utilization', String(utilization))
  return model ? fromPath(argv, model, vllm) : argv
}

/** Whether the program of an argument list is vLLM; with an image's own entrypoint the image's name tells. */
export function runsVllm(
  argv: readonly string[],
  { docker, container = '' }: Omit<Template, 'command' | 'defaults'>,
): boolean {
  if (docker?.entrypoint && /(^|[/-])vllm/.test(docker.entrypoint === 'keep' ? container : docker.entrypoint))
    return true
  return argv.some((word) => /(^|\/)vllm$|^vllm\.entrypoints\./.test(word))
}

/** The share of memory that a recipe pins, by its flag or its defaults; null where it leaves it open. */
export function pinnedUtilization(recipe: Template): number | null {
  try {
    const parts = parseTemplate(recipe.command)
    const written = templateNames(parts).includes(share)
      ? writtenShare(recipe.defaults)
      : flagValue(commandWords(recipe, { port: 1 }), ['--gpu-memory-utilization'])
    const value = Number(written ?? Number.NaN)
    return value > 0 && value <= 1 ? value : null
  } catch {
    return null
  }
}

/** `auto` leaves it to the launch, as a missing default does. */
function writtenShare(defaults: Recipe['defaults']): string | number | boolean | null {
  const value = defaults[share]
  return value === undefined || value === 'auto' ? null : value
}

// Either of these decides instead of the share: vLLM's own flag, and that of a mod for spark-vllm-docker.
const sizesItself = (argv: readonly string[]) =>
  flagValue(argv, ['--kv-cache-memory-bytes', '--gpu-memory-utilization-gb']) !== undefined

function fromPath(argv: readonly string[], { repo, path }: { repo: string; path: string }, vllm: boolean): string[] {
  const moved = argv.map((word) => (word === repo ? path : word === `--model=${repo}` ? `--model=${path}` : word))
  const named = flagValue(argv, ['--served-model-name']) !== undefined
  return vllm && !named ? [...moved, '--served-model-name', repo] : moved
}

/** The last one wins in the program that reads them, so every occurrence is set. */
function setFlag(argv: string[], flag: string, value: string) {
  let found = false
  for (const [index, word] of argv.entries()) {
    const [name = ''] = word.split('=', 1)
    if (name.replaceAll('_', '-') !== flag) continue
    if (word.includes('=')) argv[index] = `${name}=${value}`
    else if (index + 1 < argv.length) argv[index + 1] = value
    else continue
    found = true
  }
  if (!found) argv.push(flag, value)
}
