import type { StepContext } from './step'

/**
 * Does something on several hosts at once. Where one fails the others are ended, and nothing of it goes on afterwards.
 * @throws the first failure, once all have come to their end
 */
export async function together<Item, Done>(
  items: readonly Item[],
  context: StepContext,
  act: (item: Item, context: StepContext) => Promise<Done>,
): Promise<Done[]> {
  const over = new AbortController()
  const own = { ...context, signal: AbortSignal.any([context.signal, over.signal]) }
  const failures: unknown[] = []
  const all = await Promise.all(
    items.map((item) =>
      act(item, own).catch((error) => {
        failures.push(error)
        over.abort(new Error('another host has failed'))
        return null
      }),
    ),
  )
  if (failures.length > 0) throw failures[0]
  return all as Done[]
}
