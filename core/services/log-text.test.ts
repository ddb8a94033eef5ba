import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { logLine, logLines } from './log-text'

test.each<[name: string, raw: string, shown: string]>([
  ['colours', '\x1b[1;31merror\x1b[0m: no', 'error: no'],
  ['cursor movements', '\x1b[2J\x1b[H\x1b[?25lhello', 'hello'],
  ['a title set by OSC, ended by BEL or ST', '\x1b]0;evil\x07a\x1b]8;;http://x\x1b\\b', 'ab'],
  ['a device control string', 'a\x1bP1$r0m\x1b\\b', 'ab'],
  ['8-bit introducers', 'a\x9b31mb', 'ab'],
  ['a bar that was drawn anew', ' 10%\r 50%\r100% done', '100% done'],
  ['a bar whose line was erased at its end', '100% done\r\x1b[K', '100% done'],
  ['a Windows line end', 'text\r', 'text'],
  ['NUL, backspace and bell', 'a\0b\x08c\x07', 'abc'],
  ['next line and line separators', 'a\x85b\u2028c\u2029d', 'abcd'],
  ['direction overrides', 'user\u202egnp.exe\u2066', 'usergnp.exe'],
  ['tabs stay', 'a\tb', 'a\tb'],
  ['markup stays text', '<script>alert(1)</script>', '<script>alert(1)</script>'],
  ['a lone escape', 'a\x1b', 'a'],
])('logLine() of %s', (_, raw, shown) => {
  expect(logLine(raw)).toBe(shown)
})

test('logLine() is at most 16 kB, free of control characters and stable, whatever it is given', () => {
  expect(logLine('x'.repeat(1_000_000))).toHaveLength(16_385)
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (raw) => {
      const line = logLine(raw)
      expect(line).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/)
      expect(logLine(line)).toBe(line)
    }),
  )
})

test('logLines() gives the same lines however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat(7)), (texts, cuts) => {
      const wanted = texts.map((text) => text.replaceAll('\n', ''))
      const bytes = new TextEncoder().encode(wanted.map((line) => `${line}\n`).join(''))
      const lines: string[] = []
      const push = logLines((more) => lines.push(...more))
      let at = 0
      for (const cut of cuts) {
        push(bytes.subarray(at, at + cut))
        at += cut
      }
      push(bytes.subarray(at))
      expect(lines).toEqual(wanted)
    }),
  )
})

test('logLines() holds no more than 64 kB of a line that never ends', () => {
  const lengths: number[] = []
  const push = logLines((lines) => lengths.push(...lines.map(({ length }) => length)))
  for (let n = 0; n < 100; n++) push(new Uint8Array(10_000).fill(97))
  expect(Math.max(...lengths)).toBeLessThan(80_000)
})
