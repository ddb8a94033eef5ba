import { sleep } from '../../clock'
import type { StepContext } from './step'

const tries = 10

/** Gives a command again while it fails, a few times: a Spark that is short of memory can't begin every one. @returns its last answer */
export async function again<Answer>(
  act: () => Promise<Answer>,
  good: (answer: Answer) => boolean,
  { clock, signal }: Pick<StepContext, 'clock' | 'signal'>,
): Promise<Answer> {
  for (let tried = 1; ; tried++) {
    const answer = await act()
    if (good(answer) || tried === tries) return answer
    await sleep(clock, 1000, signal)
    signal.throwIfAborted()
  }
}
