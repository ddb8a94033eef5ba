import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { arrivedBytes, readMeasured, sizeFaults, wholeBytes } from './measured'

const file = (path: string, bytes: number, blob: string | null = path) => ({ path, bytes, blob })

test('readMeasured() keeps the largest of several tries of one file', () => {
  const { blobs, parts, files, availableBytes } = readMeasured(
    'b\t10\ta\np\t3\tb\np\t2\tb\nf\t10\tconfig.json\nf\t\tgone\nd\t5\t\n',
  )
  expect([[...blobs], [...parts], [...files], availableBytes]).toEqual([
    [['a', 10]],
    [['b', 3]],
    [
      ['config.json', 10],
      ['gone', null],
    ],
    5120,
  ])
})

test('arrivedBytes() counts no older revision beside it, and one content once', () => {
  const measured = readMeasured('b\t10\ta\nb\t99\told\np\t3\tb\n')
  const expected = { files: [file('x', 10, 'a'), file('y', 10, 'a'), file('z', 8, 'b')] }
  expect([arrivedBytes(measured, expected), wholeBytes(expected)]).toEqual([13, 18])
  expect(arrivedBytes(measured, null)).toBe(112)
  expect(arrivedBytes(measured, { files: [file('x', 10, null)] })).toBe(112)
})

test('arrivedBytes() never tells more than comes in all', () => {
  const sizes = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(1000))
  fc.assert(
    fc.property(sizes, sizes, sizes, (wanted, blobs, parts) => {
      const expected = { files: Object.entries(wanted).map(([name, bytes]) => file(name, bytes)) }
      const measured = {
        ...readMeasured(''),
        blobs: new Map(Object.entries(blobs)),
        parts: new Map(Object.entries(parts)),
      }
      expect(arrivedBytes(measured, expected)).toBeLessThanOrEqual(wholeBytes(expected))
    }),
  )
})

test('sizeFaults() tells what is short, broken or missing', () => {
  const { files } = readMeasured('f\t10\tok\nf\t9\tshort\nf\t\tbroken\n')
  const expected = {
    commit: null,
    totalBytes: 0,
    files: ['ok', 'short', 'broken', 'missing'].map((path) => file(path, 10)),
  }
  expect(sizeFaults(files, expected)).toEqual({ wrong: ['short', 'broken'], missing: ['missing'] })
})
