const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * May a browser page have sent this unsafe request? Every browser sends `Origin` with one (real, or `null` from a
 * sandbox), so "present and not our own" is complete; a request with neither header comes from a program.
 * On plain http to an IP there is no `Sec-Fetch-Site`, so its absence proves nothing.
 */
export function allowedOrigin(request: { method: string; headers: Headers; url: string }): boolean {
  if (safe.has(request.method)) return true
  const site = request.headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && site !== 'none') return false
  const origin = request.headers.get('origin')
  if (origin === null) return true
  const host = request.headers.get('host')?.toLowerCase()
  // Behind StartOS or a reverse proxy the page is https while this port is http: the host with its port decides.
  return host !== undefined && (sameHost(origin, `http://${host}`) || sameHost(origin, `https://${host}`))
}

function sameHost(origin: string, own: string): boolean {
  try {
    return new URL(own).origin === origin.toLowerCase()
  } catch {
    return false
  }
}
