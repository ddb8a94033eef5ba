import type { Recipe } from './recipe'

const deciding = [
  'repo',
  'runtime',
  'container',
  'command',
  'defaults',
  'env',
  'mods',
  'docker',
  'script',
  'revision',
  'nodes',
  'soloOnly',
  'clusterOnly',
] as const satisfies (keyof Recipe)[]

/** SHA-256 in hex over all of a recipe that decides what is run, and over nothing else: a new name keeps the trust it has. */
export function recipeHash(recipe: Pick<Recipe, (typeof deciding)[number]>): string {
  const decides = Object.fromEntries(deciding.map((key) => [key, recipe[key]]))
  return new Bun.CryptoHasher('sha256').update(canonical(decides)).digest('hex')
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`
}
