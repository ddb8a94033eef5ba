const segment = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/

/**
 * The URL of a declared path on an upstream.
 * Encoding guards nothing here (`encodeURIComponent('..')` is `..`, and `%2e%2e` collapses), so every segment is
 * held against an allow-list and the built URL is looked at again.
 * @throws {TypeError} when the path would not arrive as written
 */
export function upstreamUrl(origin: string, path: string, search = ''): string {
  const segments = path.split('/').slice(1)
  const bad = segments.find((each, index) => !segment.test(each) && !(each === '' && index === segments.length - 1))
  if (!path.startsWith('/') || bad !== undefined)
    throw new TypeError(
      `path: ${JSON.stringify(path)} is not a plain path; use letters, digits, . _ ~ - between slashes`,
    )
  const url = new URL(origin + path + search)
  if (url.origin !== origin || url.pathname !== path) throw new TypeError('path: leaves its upstream; use a plain path')
  return url.href
}
