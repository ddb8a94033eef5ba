import type { WebhookTarget } from '../config/cluster'
import type { Secrets } from '../secrets/secrets'
import type { Obstacle } from './delivery'
import { signedHeaders } from './signature'
import type { SwitchedOff } from './switched-off'

/** Why a target is sent nothing now; null where nothing is in the way. */
export function obstacle(
  target: WebhookTarget,
  secrets: Pick<Secrets, 'get'>,
  off: Pick<SwitchedOff, 'has'>,
): Obstacle | null {
  if (off.has(target))
    return {
      text: 'it answered 410: it wants no more messages',
      remedy: 'send one of them again, or change its entry under webhooks',
    }
  const secret = secrets.get(target.secret)
  if (secret === null)
    return {
      text: `the secret ${target.secret} is not set`,
      remedy: `set it to what the receiver told you: PUT /api/secrets/${target.secret}`,
    }
  if (signedHeaders({ id: '', at: 0, body: '' }, secret) === null)
    return {
      text: `the secret ${target.secret} holds no key`,
      remedy: `set it anew, as whsec_ and base64 or as plain text: PUT /api/secrets/${target.secret}`,
    }
  return null
}

/** Of a target that was taken out of the configuration. */
export const undeclared: Obstacle = {
  text: 'its target is no longer declared',
  remedy: 'declare it again under webhooks',
}
