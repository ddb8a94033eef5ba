import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { expectedUrl, readExpected } from './expected'

const sha = 'a'.repeat(40)
const blob = 'b'.repeat(64)

test('readExpected() takes the size and name of the bytes, not of the pointer to them', () => {
  const siblings = [
    { rfilename: 'config.json', size: 10, blobId: sha },
    { rfilename: 'model.safetensors', size: 5000, blobId: sha, lfs: { sha256: blob, size: 5000, pointerSize: 135 } },
  ]
  expect(readExpected({ body: { sha, siblings } })).toEqual({
    commit: sha,
    totalBytes: 5010,
    files: [
      { path: 'config.json', bytes: 10, blob: sha },
      { path: 'model.safetensors', bytes: 5000, blob },
    ],
  })
})

test('readExpected() believes no list that leaves a size open, and never throws', () => {
  expect(readExpected({ body: { sha, siblings: [{ rfilename: 'config.json' }] } })).toBeNull()
  expect(readExpected({ body: { sha, siblings: [] } })).toBeNull()
  fc.assert(fc.property(fc.anything(), (body) => void readExpected({ body })))
})

test('expectedUrl() keeps a revision in its place', () => {
  expect(expectedUrl('https://hub/', 'org/model', null)).toBe('https://hub/api/models/org/model?blobs=true')
  expect(expectedUrl('https://hub', 'org/model', 'refs/pr/1')).toBe(
    'https://hub/api/models/org/model/revision/refs%2Fpr%2F1?blobs=true',
  )
})
