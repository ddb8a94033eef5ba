import { repoPattern } from '../../core/config/common-schema'
import { ApiError } from '../../core/gateway/api-error'
import type { Suggestion } from '../../core/models/inference/suggest'
import type { Runtime } from '../../core/runtime'
import type { Route } from '../route'

/** What lies on the hosts' disks, and how it could be launched. */
export const modelRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/models',
    tag: 'models',
    summary: 'What is on the disks of the hosts, whether it fits and which recipe loads it',
    handle({ runtime }) {
      const { models, downloads } = runtime.menu()
      return { models, downloadable: downloads.map(({ id, name, repo }) => ({ recipe: id, name, repo })) }
    },
  },
  {
    method: 'GET',
    path: '/api/models/suggest',
    tag: 'models',
    summary: 'The recipe that would be made for a model, with a reason for each flag',
    query: {
      repo: { about: 'the model, `org/name`', required: true, schema: { type: 'string', pattern: repoPattern } },
    },
    answers: { 404: 'the model is on no host', 422: 'the repo is wrong' },
    handle: ({ runtime, url }) => suggestionFor(runtime, url.searchParams.get('repo') ?? ''),
  },
]

/** @throws {ApiError} 404, 422 */
export function suggestionFor(runtime: Runtime, repo: string): Suggestion {
  if (!new RegExp(repoPattern).test(repo))
    throw new ApiError(422, 'invalid_repo', 'repo: is no model; write it as org/name', { param: 'repo' })
  const suggestion = runtime.suggest(repo)
  if (!suggestion)
    throw new ApiError(404, 'model_not_found', 'repo: is on no host; download it first', { param: 'repo' })
  return suggestion
}
