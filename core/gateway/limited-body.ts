import { ApiError } from './api-error'

/** Reads a request's body whole, but never more than `limit` bytes. @throws {ApiError} 413 */
export async function limitedBytes(request: Request, limit: number): Promise<Uint8Array> {
  const told = request.headers.get('content-length')
  if (told !== null && Number(told) > limit) throw tooLarge(limit)
  // Reading `body` would make a stream of it, which costs more than a small body itself.
  if (told !== null) return request.bytes()
  if (!request.body) return new Uint8Array()
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += part.length
    if (size > limit) throw tooLarge(limit)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function tooLarge(limit: number): ApiError {
  return new ApiError(
    413,
    'body_too_large',
    `body: is larger than ${limit < 2 ** 20 ? `${limit / 1024} KiB` : `${limit / 2 ** 20} MiB`}; send less`,
  )
}
