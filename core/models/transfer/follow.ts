import type { LiveHost } from '../../cluster/hosts'
import { pause } from '../../cluster/pause'
import { NotConnectedError } from '../../cluster/remote-commands'
import type { PhaseContext } from '../../jobs/runner'
import { readDetached, startDetached } from './detached'
import { reachable } from './progress'
import { scrubbed } from './scrubbed'

export interface FollowOptions {
  live: LiveHost
  /** Of the try: a name that is started again is only attached to. */
  name: string
  argv: readonly string[]
  token: string | null
  context: PhaseContext
  /** Called about once a second while it runs. */
  look(): Promise<void>
}

/** How a try ended: its exit code (null: it vanished), and the end of what it said. */
export interface Ended {
  exit: number | null
  said: string
}

const everyMs = 1000
const kept = 16_384
const newMs = 15_000

/** Starts or attaches to detached work and stays with it until it has ended, also over a lost link. */
export async function follow({ live, name, argv, token, context, look }: FollowOptions): Promise<Ended> {
  const { signal, log } = context
  const patiently = <T>(act: () => Promise<T>) => reachable(live, context, act)
  // Sizes that can't be told just now are no reason to let go of what runs.
  const glance = () =>
    look().catch((error) => {
      if (error instanceof NotConnectedError || signal.aborted) throw error
    })
  await patiently(() => startDetached(live, name, argv, token, signal))
  const begun = performance.now()
  let offset = 0
  let said = ''
  const end = (exit: number | null): Ended => ({ exit, said: token === null ? said : said.replaceAll(token, 'hf_…') })
  for (;;) {
    const state = await patiently(() => readDetached(live, name, offset, signal))
    if (!state) return end(null)
    offset = state.offset
    said = (said + state.text).slice(-kept)
    log(
      state.text
        .split(/[\r\n]+/)
        .filter((line) => line.trim() !== '')
        .slice(-50)
        .map((line) => scrubbed(line, token)),
    )
    if (state.exit !== null) return end(state.exit)
    if (state.life === 'lost' || (state.life === 'new' && performance.now() - begun > newMs)) return end(null)
    await patiently(glance)
    await pause(everyMs, signal)
    signal.throwIfAborted()
  }
}
