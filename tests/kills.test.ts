import { expect, setDefaultTimeout, test } from 'bun:test'
import { kills } from './kills'

setDefaultTimeout(400_000)

test('a controller that is killed 20 times in swaps, ways back and cancels ends each of them as if nothing had been', async () => {
  const seed = Date.now() % 100_000
  const found = await kills({ times: 20, seed })
  expect({ seed, broken: found.broken }).toEqual({ seed, broken: [] })
  expect(found.kills).toBeGreaterThanOrEqual(20)
  expect(found.mostEngines).toBe(1)
})
