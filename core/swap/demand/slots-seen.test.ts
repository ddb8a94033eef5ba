import { expect, test } from 'bun:test'
import { systemClock } from '../../clock'
import { sampleService } from '../../config/declared.sample'
import { sampleRecipe } from '../../models/recipe.sample'
import { slotsSeen } from './slots-seen'

const recipe = sampleRecipe({ id: 'qwen', repo: 'org/qwen' })

test('slotsSeen() counts from the load of what it finds, from now what is loaded later, and use from now', () => {
  const { slots } = given()
  expect(slots.now()[0]).toMatchObject({ loadedAt: 1000 - 60_000, usedAt: 1000 })
  slots.ended('llm')
  expect(slots.now()[0]).toMatchObject({ loadedAt: 1000, usedAt: 1000 })
})

function given() {
  const now = Date.parse('2026-01-01T00:01:00Z')
  const slots = slotsSeen({
    clock: { ...systemClock, now: () => now, rising: () => 1000 },
    services: [sampleService('llm')],
    loaded: () => [{ service: 'llm', recipe, repo: recipe.repo, since: '2026-01-01T00:00:00Z' }],
    observed: { service: () => undefined },
    door: { lastInside: () => null },
  })
  return { slots }
}
