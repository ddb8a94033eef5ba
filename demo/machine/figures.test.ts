import { expect, test } from 'bun:test'
import { type Figures, gpuLine, stepFigures } from './figures'

const after = (seconds: number, activity: number, blocked: boolean) =>
  Array.from({ length: seconds }).reduce<Figures>((figures) => stepFigures(figures, activity, 1, blocked), {
    temperature: 38,
    activity: 0,
  })

test('work warms a GPU without throttling it, a blocked fan throttles it within ten seconds, and it recovers', () => {
  expect(gpuLine(after(120, 1, false), 0)).toBe('92 65 66.00 2411 P0 0x0000000000000000\n')
  const hot = after(10, 1, true)
  expect(gpuLine(hot, 0)).toMatch(/^92 9\d 66\.00 1404 P0 0x0000000000000060\n$/)
  const calm = Array.from({ length: 60 }).reduce<Figures>((figures) => stepFigures(figures, 0, 1), hot)
  expect(gpuLine(calm, 0)).toMatch(/^0 \d\d 4\.00 2411 P0 0x0000000000000001\n$/)
})
