import { ApiError } from '../../core/gateway/api-error'
import type { Runtime } from '../../core/runtime'
import { secretName } from '../../core/secrets/secrets'
import type { Route } from '../route'

const params = { name: { pattern: secretName, rule: 'is not a name; use letters, digits and underscores' } }
const most = 8192

/** Values that `spark.config.yaml` only names; nothing here tells one. */
export const secretRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/secrets',
    tag: 'settings',
    summary: 'Names of the secrets that have a value, and which the configuration asks for',
    handle({ runtime }) {
      const { hubToken, webhooks } = runtime.cluster
      const wanted = [...(hubToken === null ? [] : [hubToken]), ...webhooks.map(({ secret }) => secret)]
      return { secrets: runtime.secrets.names(), wanted: [...new Set(wanted)] }
    },
  },
  {
    method: 'PUT',
    path: '/api/secrets/:name',
    params,
    tag: 'settings',
    summary: 'Set the value of a secret; it is kept in the data directory and never told',
    body: {
      type: 'object',
      additionalProperties: false,
      required: ['value'],
      properties: { value: { type: 'string', minLength: 1, maxLength: most } },
    },
    example: { value: 'the token' },
    success: 204,
    answers: { 204: 'kept', 422: 'it holds control characters' },
    handle({ runtime, params, body }) {
      setSecret(runtime, params.name ?? '', (body as { value: string }).value)
      return new Response(null, { status: 204 })
    },
  },
  {
    method: 'DELETE',
    path: '/api/secrets/:name',
    params,
    tag: 'settings',
    summary: 'Forget the value of a secret',
    success: 204,
    answers: { 204: 'forgotten', 404: 'it has none' },
    handle({ runtime, params }) {
      if (!runtime.secrets.remove(params.name ?? ''))
        throw new ApiError(404, 'secret_not_found', 'name: has no value; GET /api/secrets lists those that have')
      runtime.history.note({ type: 'action', text: `the secret ${params.name} was removed` })
      return new Response(null, { status: 204 })
    },
  },
]

/** Keeps the value of a secret. @throws {ApiError} 422 */
export function setSecret({ secrets, history }: Runtime, name: string, value: string) {
  // What is pasted often ends in a line break.
  const text = value.trim()
  if (text === '' || /[\x00-\x1f\x7f]/.test(text))
    throw new ApiError(422, 'invalid_secret', 'body.value: holds control characters or nothing; write one line', {
      param: '/value',
    })
  secrets.set(name, text)
  history.note({ type: 'action', text: `the secret ${name} was set` })
}
