import type { ErrorObject } from 'ajv'
import type { Path } from './document'
import { suggestion } from './nearest'

/** One ajv error for people; `path` where it is not the error's own, `part` where the key is meant. */
export interface Words {
  problem: string
  remedy: string
  path?: Path
  part?: 'key' | 'value'
}

/** What an error of ajv means and what to do about it; null where another error says it better. `root` resolves the `$ref`s of descriptions. */
export function plainWords(error: ErrorObject, value: unknown, root: object): Words | null {
  const { keyword, params, data, schema } = error
  const parent = (error.parentSchema ?? {}) as Record<string, unknown>
  const path = pathOf(error, value)
  if (error.propertyName !== undefined) return badName(error.propertyName, path, parent)
  switch (keyword) {
    case 'type': {
      const expected = [schema]
        .flat()
        .filter((type) => type !== 'null')
        .join(' or ')
      return { problem: `expected ${expected}, got ${described(data)}`, remedy: typeRemedy(expected, data) }
    }
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = String(params.additionalProperty ?? params.unevaluatedProperty)
      const known = Object.keys((parent.properties ?? {}) as object)
      const remedy = suggestion(name, known, 'known keys')
      return { problem: `unknown key "${name}"`, remedy, path: [...path, name], part: 'key' }
    }
    case 'required': {
      const name = String(params.missingProperty)
      const meaning = descriptionOf(parent, name, root)
      return { problem: `"${name}" is missing`, remedy: meaning ? `add ${name}: ${meaning}` : `add ${name}` }
    }
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).filter((item) => item !== null).map(String)
      const problem = `${shown(data)} is not one of ${allowed.join(', ')}`
      return { problem, remedy: suggestion(String(data), allowed, 'choose from') }
    }
    case 'const':
      return {
        problem: `${shown(data)} is not ${shown(params.allowedValue)}`,
        remedy: `write ${shown(params.allowedValue)}`,
      }
    case 'pattern':
      return {
        problem: `${shown(data)} is not allowed`,
        remedy: String(parent.patternErrorMessage ?? `it must match ${schema}`),
      }
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
    case 'exclusiveMaximum':
      return { problem: `${shown(data)} is out of range`, remedy: rangeOf(parent) }
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return { problem: schema === 1 ? 'is empty' : 'is too short', remedy: `give at least ${schema}` }
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return { problem: 'is too long', remedy: `give at most ${schema}` }
    case 'uniqueItems':
      return {
        problem: 'names one thing twice',
        remedy: 'remove one of the two',
        path: [...path, Math.max(params.i, params.j)],
      }
    case 'not':
    case 'oneOf':
    case 'anyOf':
      return { problem: `${shown(data)} is not allowed`, remedy: String(parent.errorMessage ?? 'see docs/CONFIG.md') }
    // These only say that something inside them failed, which has its own error.
    case 'if':
    case 'propertyNames':
      return null
    default:
      return { problem: error.message ?? `fails "${keyword}"`, remedy: 'see docs/CONFIG.md' }
  }
}

function badName(name: string, path: Path, schema: Record<string, unknown>): Words {
  const remedy = String(schema.patternErrorMessage ?? 'choose another name')
  return { problem: `the name ${shown(name)} is not allowed`, remedy, path: [...path, name], part: 'key' }
}

function typeRemedy(expected: string, data: unknown): string {
  if (data === null) return 'fill it in, or remove the key'
  if (expected === 'string' && typeof data !== 'object') return `quote it: "${String(data)}"`
  if (/integer|number/.test(expected) && typeof data === 'string' && data.trim() !== '' && !Number.isNaN(Number(data)))
    return `write ${data} without quotes`
  if (expected === 'boolean') return 'write true or false'
  if (expected === 'array') return 'write a list: [one, two]'
  if (expected === 'object') return 'write keys and values below it'
  return `write ${/^[aeiou]/.test(expected) ? 'an' : 'a'} ${expected}`
}

function rangeOf(schema: Record<string, unknown>): string {
  const least = schema.minimum ?? schema.exclusiveMinimum
  const most = schema.maximum ?? schema.exclusiveMaximum
  if (least !== undefined && most !== undefined) return `choose from ${least} to ${most}`
  return least !== undefined ? `choose ${least} or more` : `choose ${most} or less`
}

function described(data: unknown): string {
  if (data === null) return 'nothing'
  if (Array.isArray(data)) return 'a list'
  if (typeof data === 'object') return 'keys and values'
  return `${typeof data} (${shown(data)})`
}

function shown(data: unknown): string {
  const text = JSON.stringify(data) ?? String(data)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function descriptionOf(schema: Record<string, unknown>, name: string, root: object): string | null {
  let property = (schema.properties as Record<string, Record<string, unknown>> | undefined)?.[name]
  const reference = property?.$ref
  if (property?.description === undefined && typeof reference === 'string')
    property = reference
      .split('/')
      .slice(1)
      .reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], root) as typeof property
  const text = property?.description
  return typeof text === 'string' ? firstSentence(text) : null
}

function firstSentence(text: string): string {
  const sentence = (text.split(/[.;](?:\s|$)/, 1)[0] ?? '').trim()
  return /^[A-Z][a-z ]/.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence
}

/** The JSON pointer of an ajv error as a path; list positions are numbers. */
export function pathOf(error: ErrorObject, value: unknown): Path {
  let node: unknown = value
  return error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => {
      const segment = Array.isArray(node) ? Number(part) : part
      node = (node as Record<string, unknown> | undefined)?.[part]
      return segment
    })
}
