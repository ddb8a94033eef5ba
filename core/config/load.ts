import type { ValidateFunction } from 'ajv'
import type { Recipe } from '../models/recipe'
import type { Cluster, DeclaredKind, Finding } from './cluster'
import { findConflicts } from './conflicts'
import { type ParsedDocument, type Path, parseDocument } from './document'
import { schemaFindings, sortFindings } from './findings'
import { nameProblems } from './names'
import { findPlaceholders } from './placeholders'
import { readCluster } from './read-cluster'
import { configSchema, type JsonSchema } from './schema'
import { newValidator } from './validator'

export interface ConfigSource {
  text: string
  /** As the operator named it; findings carry it. */
  file: string
  kinds: readonly DeclaredKind[]
  recipes: readonly Recipe[]
}

/** The cluster a text declares, or null with the findings that say why not: an error, or a placeholder left in. Connects nowhere. */
export function loadConfig({ text, file, kinds, recipes }: ConfigSource): {
  cluster: Cluster | null
  findings: Finding[]
} {
  const document = parseDocument(text, file)
  if (document.findings.length > 0) return { cluster: null, findings: document.findings }

  const placeholders = findPlaceholders(document.value)
  const { validate, schema } = validatorOf(kinds)
  const findings: Finding[] = placeholders.map(({ path, problem, remedy }) =>
    finding(document, file, path, problem, remedy, 'placeholder'),
  )
  const left = new Set(placeholders.map(({ path }) => `/${path.join('/')}`))
  if (!validate(document.value)) {
    const errors = (validate.errors ?? []).filter(({ instancePath }) => !left.has(instancePath))
    findings.push(...schemaFindings(errors, document, file, schema))
  }

  // What has the wrong shape was reported; the rest is still held against each other, so that one look shows all.
  const broken = findings.filter(({ severity }) => severity === 'error').map(({ path }) => path)
  const { cluster, problems } = readCluster(document.value, kinds, (path) => isSound(path.join('.'), broken))
  for (const { path, problem, remedy } of [...problems, ...findConflicts(cluster.hosts, cluster.services, kinds)])
    if (!left.has(`/${path.join('/')}`)) findings.push(finding(document, file, path, problem, remedy))
  for (const { alias, service, recipe, problem, remedy, note } of nameProblems(
    cluster.aliases,
    cluster.services,
    recipes,
  )) {
    const severity = note ? 'note' : 'error'
    if (recipe) findings.push({ file: recipe.file, line: 1, column: 1, path: '', problem, remedy, severity })
    else {
      const path = alias !== undefined ? ['aliases', alias] : ['services', service ?? '', 'model']
      findings.push(finding(document, file, path, problem, remedy, severity))
    }
  }
  const valid = findings.every(({ severity }) => severity === 'note')
  return { cluster: valid ? cluster : null, findings: sortFindings(findings) }
}

function isSound(path: string, broken: readonly string[]): boolean {
  return !broken.some((bad) => bad === path || bad.startsWith(`${path}.`))
}

function finding(
  document: ParsedDocument,
  file: string,
  path: Path,
  problem: string,
  remedy: string,
  severity: Finding['severity'] = 'error',
): Finding {
  return { file, ...document.at(path), path: path.join('.'), problem, remedy, severity }
}

type Validator = { validate: ValidateFunction; schema: JsonSchema }
const validators = new WeakMap<readonly DeclaredKind[], Validator>()

/** Compiling takes longer than validating, and a list of kinds does not change while the program runs. */
function validatorOf(kinds: readonly DeclaredKind[]): Validator {
  const known = validators.get(kinds)
  if (known) return known
  const schema = configSchema(kinds)
  const made = { schema, validate: newValidator().compile(schema) }
  validators.set(kinds, made)
  return made
}
