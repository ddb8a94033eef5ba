const csp = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const everywhere = Object.entries({
  'x-content-type-options': 'nosniff',
  // `no-referrer` would turn the Origin of our own forms into `null`.
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
})

/** Adds the headers every answer carries; keeps a stricter policy that is set already. */
export function secure(headers: Headers, requestId: string): void {
  for (const [name, value] of everywhere) headers.set(name, value)
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', csp)
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
  headers.set('x-request-id', requestId)
}

/** The caller's own request id when it is sane, else a new one. */
export function requestId(headers: Headers): string {
  const given = headers.get('x-request-id')
  return given !== null && /^[A-Za-z0-9._-]{1,128}$/.test(given) ? given : Bun.randomUUIDv7()
}
