import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { difference } from './difference'

/** As `patch` does it. */
function applied(before: string, hunks: readonly string[]): string {
  const old = before === '' ? [] : before.replace(/\n$/, '').split('\n')
  const out: string[] = []
  let next = 0
  for (const line of hunks) {
    const [, start = '0', count = '0'] = /^@@ -(\d+),(\d+) \+\d+,\d+ @@$/.exec(line) ?? []
    const from = Number(start) - (count === '0' ? 0 : 1)
    if (line.startsWith('@@')) while (next < from) out.push(old[next++] ?? '')
    else if (line.startsWith('+')) out.push(line.slice(1))
    else {
      expect(old[next]).toBe(line.slice(1))
      if (line.startsWith(' ')) out.push(line.slice(1))
      next++
    }
  }
  return [...out, ...old.slice(next)].map((line) => `${line}\n`).join('')
}

describe('difference()', () => {
  test('shows what changed with three lines around it', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\n'
    expect(difference(before, before.replace('e', 'E'))).toEqual([
      '@@ -2,7 +2,7 @@',
      ' b',
      ' c',
      ' d',
      '-e',
      '+E',
      ' f',
      ' g',
      ' h',
    ])
  })

  test('is empty where nothing changed, and tells far changes apart', () => {
    expect(difference('a\n', 'a')).toEqual([])
    const long = Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n')
    const headings = difference(long, long.replace('line 2', 'x').replace('line 27', 'y')).filter((line) =>
      line.startsWith('@@'),
    )
    expect(headings).toEqual(['@@ -1,6 +1,6 @@', '@@ -25,6 +25,6 @@'])
  })

  test('applied to the one text it gives the other', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '', ' x', '+y', '-z'), { maxLength: 40 })
      .map((lines) => lines.map((line) => `${line}\n`).join(''))
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(applied(before, difference(before, after))).toBe(after)
      }),
    )
  })

  test('of two long texts is found without comparing every line with every other', () => {
    const lines = (letter: string) => Array.from({ length: 5000 }, (_, index) => `${letter}${index}\n`).join('')
    expect(difference(lines('a'), lines('b'))).toHaveLength(10_001)
  })
})
