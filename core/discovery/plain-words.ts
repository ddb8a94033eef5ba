import { gib } from '../cluster/gib'
import type { FoundSpark } from './found'

/** A Spark in a few plain words, for comments and for the page. */
export function plainWords({ seen, link }: FoundSpark): string {
  if (!seen) return `did not answer: ${link.cause ?? 'not connected'}`
  const memory = seen.memoryBytes === null ? '' : `, ${gib(seen.memoryBytes)} of memory`
  const driver = seen.driver ? `, driver ${seen.driver}` : ''
  return `${seen.gpu || 'no NVIDIA GPU'}${memory}${driver}`
}
