import type { LiveHost } from '../../cluster/hosts'
import { pause } from '../../cluster/pause'
import { NotConnectedError } from '../../cluster/remote-commands'
import type { PhaseContext } from '../../jobs/runner'
import { type DetachedWork, NoRoomError, readDetached, startDetached } from './detached'
import { reachable } from './progress'
import { scrubbed } from './scrubbed'

export interface FollowOptions {
  live: LiveHost
  /** Of one try: a name that is started again is only attached to. */
  work: DetachedWork
  context: PhaseContext
  /** Called about once a second while it runs. */
  look(): Promise<void>
  /** Called when there is no room to begin; it is tried again after that. */
  room(): Promise<void>
}

/** How a try ended: its exit code (null: it vanished), and the end of what it said. */
export interface Ended {
  exit: number | null
  said: string
  /** The disk of its log was full then: what it could not say may have been that. */
  full: boolean
}

const everyMs = 1000
const kept = 16_384
const newMs = 15_000
const fullBytes = 64 * 2 ** 20
const longestLine = 65_536

/** Starts or attaches to detached work and stays with it until it has ended, also over a lost link. */
export async function follow({ live, work, context, look, room }: FollowOptions): Promise<Ended> {
  const { signal, log } = context
  const { name, token } = work
  const patiently = <T>(act: () => Promise<T>) => reachable(live, context, act)
  const lines = printedLines((each) => log(each.slice(-50).map((line) => scrubbed(line, token))))
  // Sizes that can't be told just now are no reason to let go of what runs.
  const glance = () =>
    look().catch((error) => {
      if (error instanceof NotConnectedError || signal.aborted) throw error
    })
  while (!(await patiently(() => startDetached(live, work, signal)).then(() => true, hasNoRoom))) await room()
  const begun = performance.now()
  let offset = 0
  let said = ''
  function end(exit: number | null, availableBytes: number | null): Ended {
    lines.end()
    const full = availableBytes !== null && availableBytes < fullBytes
    return { exit, said: token === null ? said : said.replaceAll(token, 'hf_…'), full }
  }
  for (;;) {
    const state = await patiently(() => readDetached(live, name, offset, signal))
    if (!state) return end(null, null)
    const { text, life, exit, availableBytes } = state
    offset = state.offset
    said = (said + text).slice(-kept)
    lines.push(text)
    if (exit !== null) return end(exit, availableBytes)
    if (life === 'lost' || (life === 'new' && performance.now() - begun > newMs)) return end(null, availableBytes)
    await patiently(glance)
    await pause(everyMs, signal)
    signal.throwIfAborted()
  }
}

function hasNoRoom(error: unknown): false {
  if (error instanceof NoRoomError) return false
  throw error
}

/** Cuts what arrives into lines; the last one waits for its end, so that no secret is cut in two before it is looked for. */
export function printedLines(onLines: (lines: string[]) => void) {
  let pending = ''
  const give = (lines: string[]) => onLines(lines.filter((line) => line.trim() !== ''))
  return {
    push(text: string) {
      const lines = (pending + text).split(/[\r\n]+/)
      pending = lines.pop() ?? ''
      if (pending.length > longestLine) pending = pending.slice(-kept)
      give(lines)
    },
    end: () => give([pending]),
  }
}
