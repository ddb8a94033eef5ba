import { CommandProblem } from './command-problem'

/** What Linux hands to a program in one argument at most. */
export const maxLength = 128 * 1024

export type TemplatePart = { text: string } | { name: string }

/**
 * Reads a template of Python's `str.format`, which community recipes are written in: `{name}`, literal braces doubled.
 * @throws {CommandProblem} for a lone brace, or for a form of placeholder recipes do not use (`{0}`, `{a.b}`, `{a!r}`, `{a:>3}`).
 */
export function parseTemplate(template: string): TemplatePart[] {
  const parts: TemplatePart[] = []
  for (const [token] of template.matchAll(/\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+/g)) {
    if (token === '{{' || token === '}}') parts.push({ text: token.charAt(0) })
    else if (token === '{' || token === '}')
      throw new CommandProblem(`has a lone "${token}"`, `double it: "${token}${token}"`)
    else if (!token.startsWith('{')) parts.push({ text: token })
    else if (/^\{[A-Za-z_]\w*\}$/.test(token)) parts.push({ name: token.slice(1, -1) })
    else
      throw new CommandProblem(
        `has the placeholder ${token}`,
        'write {name}, or double the braces where they are meant',
      )
  }
  return parts
}

/** The names a template asks for, each once. */
export function templateNames(parts: readonly TemplatePart[]): string[] {
  return [...new Set(parts.flatMap((part) => ('name' in part ? [part.name] : [])))]
}

/**
 * Puts values in; a boolean reads `True` or `False`, as Python writes it.
 * @throws {CommandProblem} naming what is available, when a value is missing.
 */
export function renderTemplate(
  parts: readonly TemplatePart[],
  values: Readonly<Record<string, string | number | boolean>>,
): string {
  let text = ''
  for (const part of parts) {
    text += 'text' in part ? part.text : placeholderValue(part.name, values)
    if (text.length > maxLength)
      throw new CommandProblem('is longer than 128 kB', 'shorten it; no program takes so much')
  }
  return text
}

function placeholderValue(name: string, values: Readonly<Record<string, string | number | boolean>>): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  if (value !== undefined) return pythonText(value)
  throw new CommandProblem(
    `asks for {${name}}`,
    `set it under defaults; available: ${Object.keys(values).sort().join(', ')}`,
  )
}

/** A value as Python's `str()` would write it. */
export function pythonText(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return String(value)
}
