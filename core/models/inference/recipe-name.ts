import { repoPattern } from '../../config/common-schema'
import { capabilities } from '../../config/names'

/** A name that may stand in a command; only a hostile folder has another. */
export function safeRepo(named: string): string {
  if (new RegExp(repoPattern).test(named)) return named
  const part = (given: string | undefined, otherwise: string) =>
    (given ?? '')
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 96) || otherwise
  const [org, ...rest] = named.split('/')
  return `${part(rest.length > 0 ? org : '', 'local')}/${part(rest.length > 0 ? rest.join('-') : org, 'model')}`
}

/** The name in lower case; with its maker in front where that is taken, or means something else to apps. */
export function freeId(repo: string, taken: readonly string[]): string {
  const id = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .slice(0, 64)
  const [org = '', name = ''] = repo.split('/')
  const used = new Set<string>([...taken, ...capabilities, 'current'])
  const candidates = [
    id(name),
    id(`${org}-${name}`),
    ...Array.from({ length: 98 }, (_, at) => id(`${at + 2}-${org}-${name}`)),
  ]
  return candidates.find((each) => !used.has(each)) ?? id(name)
}
