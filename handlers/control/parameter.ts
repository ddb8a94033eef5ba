import { ApiError } from '../../core/gateway/api-error'
import type { QueryParameter } from '../route'

/** The refusal of a query parameter: `until: lies before since; correct it or leave it out`. */
export function wrongParameter(param: string, problem: string, remedy = 'correct it or leave it out'): ApiError {
  return new ApiError(422, `invalid_${param}`, `${param}: ${problem}; ${remedy}`, { param })
}

/** What `limitOf` reads, for those who ask. */
export function limitSchema(standard: number, most: number): QueryParameter {
  return { about: 'how many at most', schema: { type: 'integer', minimum: 1, maximum: most, default: standard } }
}

/** A whole number of `?limit=`, or of another name. @throws {ApiError} 422 */
export function limitOf(url: URL, standard: number, most: number, name = 'limit'): number {
  const text = url.searchParams.get(name)
  if (text === null) return standard
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1) throw wrongParameter(name, `is not a number from 1 to ${most}`)
  return Math.min(Number(text), most)
}

/** Whether it is asked for with `?force=true`. @throws {ApiError} 422 */
export function isForced(url: URL): boolean {
  const text = url.searchParams.get('force')
  if (text !== null && text !== 'true' && text !== 'false') throw wrongParameter('force', 'is neither true nor false')
  return text === 'true'
}
