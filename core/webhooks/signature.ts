import { createHmac } from 'node:crypto'

const prefix = 'whsec_'

/**
 * The headers of Standard Webhooks 1.0.0 for one attempt; null where the secret holds no key.
 * @param secret `whsec_` and base64, or plain text whose bytes are the key; two of the first kind with a blank between, while one replaces the other, sign both
 * @param at seconds since the epoch
 */
export function signedHeaders(
  { id, at, body }: { id: string; at: number; body: string },
  secret: string,
): Record<string, string> | null {
  const keys = keysOf(secret)
  if (keys.some((key) => key.length === 0)) return null
  const signatures = keys.map((key) => createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64'))
  return {
    'webhook-id': id,
    'webhook-timestamp': String(at),
    'webhook-signature': signatures.map((signature) => `v1,${signature}`).join(' '),
  }
}

function keysOf(secret: string): Buffer[] {
  const words = secret.trim().split(/ +/)
  if (!words.every((word) => word.startsWith(prefix))) return [Buffer.from(secret)]
  return words.map((word) => Buffer.from(word.slice(prefix.length), 'base64'))
}
