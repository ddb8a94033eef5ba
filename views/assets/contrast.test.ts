import { expect, test } from 'bun:test'
import { join } from 'node:path'

const css = await Bun.file(join(import.meta.dir, 'app.css')).text()
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)')

/** WCAG 2.2: 4.5 for text, 3 for shapes and edges that carry meaning. */
const text = [
  ...['page', 'surface', 'sunken'].flatMap((ground) => [`text/${ground}`, `muted/${ground}`, `accent/${ground}`]),
  ...['ok', 'busy', 'warning', 'bad', 'off'].flatMap((tone) => [
    `${tone}/${tone}-tint`,
    `${tone}/surface`,
    `text/${tone}-tint`,
    `muted/${tone}-tint`,
  ]),
  'on-accent/accent',
]
const shapes = ['edge/surface', 'edge/page', 'accent/sunken', 'warning/sunken']

for (const [theme, source] of Object.entries({ light, dark })) {
  test.each(text)(`%s reads well in the ${theme} theme`, (pair) => {
    expect(contrast(pair, source)).toBeGreaterThanOrEqual(4.5)
  })
  test.each(shapes)(`%s can be told apart in the ${theme} theme`, (pair) => {
    expect(contrast(pair, source)).toBeGreaterThanOrEqual(3)
  })
}

test('every colour is one of the named ones, so that the pairs above are all there are', () => {
  const rules = css.replace(/--[a-z-]+: #[0-9a-f]{6};/g, '')
  expect(rules.match(/#[0-9a-f]{3,8}\b|rgb|hsl/gi)).toBeNull()
})

function contrast(pair: string, source: string): number {
  const [a = 0, b = 0] = pair.split('/').map((name) => luminance(colour(name, source)))
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

function colour(name: string, source: string): string {
  const hex = new RegExp(`--${name}: #([0-9a-f]{6});`).exec(source)?.[1]
  if (!hex) throw new Error(`--${name}: this colour is not in the stylesheet`)
  return hex
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
