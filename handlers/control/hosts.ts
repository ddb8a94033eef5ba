import { ApiError } from '../../core/gateway/api-error'
import type { Runtime } from '../../core/runtime'
import type { Route } from '../route'

/** One Spark: what is known of it, and the keys between it and this controller. */
export const hostRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/hosts/:id',
    tag: 'hosts',
    summary: 'State and facts of a host',
    answers: { 404: 'no such host' },
    handle: ({ runtime, params }) => runtime.observed.host(live(runtime, params.id).host.id),
  },
  {
    method: 'GET',
    path: '/api/hosts/:id/ssh-key',
    tag: 'hosts',
    summary: 'The public key of this controller, with the line to paste on that host',
    handle({ runtime, params }) {
      const { host } = live(runtime, params.id)
      return { host: host.id, user: host.user, public_key: runtime.key.publicLine, line: runtime.pasteLine() }
    },
  },
  {
    method: 'POST',
    path: '/api/hosts/:id/host-key',
    tag: 'hosts',
    summary: 'Accept the new host key that this host shows, by its fingerprint',
    body: {
      type: 'object',
      additionalProperties: false,
      required: ['fingerprint'],
      properties: { fingerprint: { type: 'string', pattern: '^SHA256:[A-Za-z0-9+/]{43}$' } },
    },
    example: { fingerprint: 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
    answers: { 409: 'the host shows another key, or none that was refused' },
    handle({ runtime, params, body }) {
      const { fingerprint } = body as { fingerprint: string }
      acceptHostKey(runtime, params.id, fingerprint)
      return { host: params.id, fingerprint }
    },
  },
  {
    method: 'POST',
    path: '/api/hosts/:id/connect',
    tag: 'hosts',
    summary: 'Try to connect now, also after a refusal',
    handle({ runtime, params }) {
      const host = live(runtime, params.id)
      host.retry()
      return { host: host.host.id }
    },
  },
]

/** Trusts the key that a host shows now, if it is the one that the person compared. @throws {ApiError} 404, 409 */
export function acceptHostKey(runtime: Runtime, id: string | undefined, fingerprint: string): void {
  const host = live(runtime, id)
  if (host.shownHostKey !== fingerprint) {
    throw new ApiError(
      409,
      'fingerprint_differs',
      'body.fingerprint: is not the key that this host shows now; compare again',
      { param: '/fingerprint' },
    )
  }
  host.acceptHostKey(fingerprint)
  runtime.history.note({ type: 'action', host: host.host.id, text: `its new host key ${fingerprint} was accepted` })
}

/** @throws {ApiError} 404 */
export function live(runtime: Runtime, id: string | undefined) {
  const found = runtime.hosts.get(id ?? '')
  if (!found) throw new ApiError(404, 'host_not_found', 'host: is not declared; GET /api/cluster lists the hosts')
  return found
}
