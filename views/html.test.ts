import { expect, test } from 'bun:test'
import { escapeHtml, safeUrl } from './html'

test('escapeHtml() turns every markup character into an entity', () => {
  expect(escapeHtml(`<a href="x" id='y'>&\``)).toBe('&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;&#96;')
})

test('escapeHtml() drops characters that control a terminal or reorder text, and keeps lines and tabs', () => {
  expect(escapeHtml('a\u0000b\u001b[1mc\u009bd\u202ee\u2066f\u2028g\ud800h')).toBe('ab[1mcdefgh')
  expect(escapeHtml('a\tb\nc\rd 🦊 é')).toBe('a\tb\nc\nd 🦊 é')
})

test.each(['/x', 'x?y=1#z', '#z', '//192.0.2.1/x', 'http://192.0.2.1', 'HTTPS://example.org', 'mailto:a@example.org'])(
  'safeUrl() lets %p through',
  (url) => {
    expect(safeUrl(url)).toBe(url)
  },
)

test.each([
  'javascript:alert(1)',
  ' JavaScript:alert(1)',
  'java\nscript:alert(1)',
  '\u0001javascript:alert(1)',
  'vbscript:x',
  'data:text/html,<script>',
  'blob:x',
])('safeUrl() refuses %p', (url) => {
  expect(safeUrl(url)).toBeNull()
})
