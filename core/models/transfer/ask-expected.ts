import type { LiveHost } from '../../cluster/hosts'
import { NotConnectedError } from '../../cluster/remote-commands'
import type { PhaseContext } from '../../jobs/runner'
import { askHub } from './ask-hub'
import { type Expected, expectedUrl, readExpected } from './expected'
import { hubFailure } from './hub-failure'
import { troubleOfStatus, waitS } from './hub-trouble'
import { countDown, reachable } from './progress'
import type { TransferParts } from './transfer-parts'

const mostTries = 10

/**
 * Asks the hub what a model consists of, and waits where it is told to.
 * @returns null where the hub is not to be asked, or can't be from there: then the tool shows what it can do
 * @throws {JobFailure} where the hub knows no such model, or lets nobody in
 */
export async function askExpected(
  live: LiveHost,
  { hub, secret, token }: TransferParts,
  { repo, revision }: { repo: string; revision: string | null },
  context: PhaseContext,
): Promise<Expected | null> {
  if (hub === null) return null
  const ask = () => askHub(live, expectedUrl(hub, repo, revision), token(), context.signal)
  for (let n = 1; ; n++) {
    const answer = await reachable(live, context, ask).catch((error: Error) => {
      if (error instanceof NotConnectedError || context.signal.aborted) throw error
      context.log([`${error.message}; its size is not known`])
      return null
    })
    if (!answer) return null
    const trouble = troubleOfStatus(answer.status, answer.code, answer.retryAfterS)
    if (!trouble) return readExpected(answer)
    if (trouble.kind !== 'later' || n > mostTries) throw hubFailure(trouble, { repo, hub, secret })
    await countDown(waitS(n, trouble.afterS), `${trouble.why}; try ${n} of ${mostTries}`, context)
  }
}
