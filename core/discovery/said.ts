import { plainName } from '../cluster/plain-name'

/** What a port answered, by path; everything in it is foreign and may be of any shape. */
export interface Said {
  /** Status of the answer, or null where there was none. */
  status(path: string): number | null
  text(path: string): string
  /** A field of a JSON answer by its keys; undefined where the answer or the field is not there. */
  field(path: string, ...keys: string[]): unknown
  /** Ids that `/v1/models` lists. */
  models: string[]
  /** Who owns them, in lower case. */
  owners: string[]
  /** Does its OpenAPI document name this path? */
  serves(path: string): boolean
}

const maxModels = 64

/** Reads answers so that no foreign shape can surprise the caller. */
export function said(answers: ({ path: string; status: number; text: string } | null)[]): Said {
  const byPath = new Map(answers.flatMap((answer) => (answer ? [[answer.path, answer] as const] : [])))
  const read = new Map<string, unknown>()

  function field(path: string, ...keys: string[]): unknown {
    if (!read.has(path)) read.set(path, json(byPath.get(path)))
    return keys.reduce<unknown>(
      (value, key) => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      read.get(path),
    )
  }

  const listed = records(field('/v1/models', 'data')).slice(0, maxModels)
  return {
    status: (path) => byPath.get(path)?.status ?? null,
    text: (path) => byPath.get(path)?.text ?? '',
    field,
    models: names(listed.map(({ id }) => id)),
    owners: names(listed.map((model) => model.owned_by)).map((owner) => owner.toLowerCase()),
    serves: (path) => isRecord(field('/openapi.json', 'paths', path)),
  }
}

/** The objects in a value that should be a list of them. */
export function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** Printable texts only, each of a length that a person would give. */
export function names(values: unknown[]): string[] {
  return values.slice(0, maxModels).flatMap((value) => plainName(value) ?? [])
}

function json(answer: { status: number; text: string } | undefined): unknown {
  if (answer?.status !== 200) return undefined
  try {
    return JSON.parse(answer.text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
