import { expect, test } from 'bun:test'
import { fitsPath } from './fits-path'

test.each([
  ['/v1/embeddings', ['embed'], true],
  ['/v1/embeddings', ['chat'], false],
  ['/v1/rerank', ['rerank'], true],
  ['/v1/rerank', ['embed'], false],
  ['/v1/chat/completions', ['embed', 'rerank'], false],
  ['/v1/messages', ['chat', 'embed'], true],
  ['/v1/responses', [], true],
  ['/v1/audio/speech', ['embed'], true],
])('fitsPath() on %s of a model for %p is %p', (path, capabilities, fits) => {
  expect(fitsPath(path, capabilities)).toBe(fits)
})
