import { CommandProblem } from './command-problem'
import type { Recipe } from './recipe'
import { parseTemplate, renderTemplate, templateNames } from './template'
import { splitWords } from './words'

/** What the service decides, whatever the recipe says. */
export interface CommandOverrides {
  port: number
  host?: string
}

type Template = Pick<Recipe, 'command' | 'defaults'>

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
export function commandWords({ command, defaults }: Template, overrides: CommandOverrides): string[] {
  const parts = parseTemplate(command)
  const named = new Set(templateNames(parts))
  const host = overrides.host ?? defaults.host ?? '0.0.0.0'
  const argv = splitWords(renderTemplate(parts, { ...defaults, port: overrides.port, host }))
  const program = argv[0] ?? ''
  if (program === '') throw new CommandProblem('is empty', 'name a program')
  if (/^[A-Za-z_]\w*=/.test(program)) throw new CommandProblem('begins with a variable', 'set it under env')
  if (!named.has('port')) setFlag(argv, '--port', String(overrides.port))
  if (!named.has('host') && overrides.host !== undefined) setFlag(argv, '--host', overrides.host)
  return argv
}

/** The last one wins in the program that reads them, so every occurrence is set. */
function setFlag(argv: string[], flag: string, value: string) {
  let found = false
  for (const [index, word] of argv.entries()) {
    if (word === flag && index + 1 < argv.length) argv[index + 1] = value
    else if (word.startsWith(`${flag}=`)) argv[index] = `${flag}=${value}`
    else continue
    found = true
  }
  if (!found) argv.push(flag, value)
}
