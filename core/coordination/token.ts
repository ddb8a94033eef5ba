import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A secret of 256 random bits that fits into a header. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** SHA-256: of so many random bits it needs neither salt nor slowness. */
export function hashOf(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}

/** Whether this is the token of the hash; takes as long for a near miss as for a far one. */
export function isTokenOf(hash: Uint8Array, token: string | null): boolean {
  return token !== null && timingSafeEqual(hashOf(token), hash)
}
