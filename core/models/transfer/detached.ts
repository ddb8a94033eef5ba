import type { LiveHost } from '../../cluster/hosts'
import { detachedScripts } from './detached-scripts'

const { cleaner, counter, killer, reader, starter, work } = detachedScripts

/** How detached work stands on the Spark. */
export interface DetachedState {
  /** New log text since the offset that was asked for. */
  text: string
  /** Where to go on reading. */
  offset: number
  /** Exit code once it ended, else null. */
  exit: number | null
  /** `lost`: its process is gone without having said how it ended (reboot, kill); `new`: it has not begun yet. */
  life: 'alive' | 'lost' | 'new'
  /** Room on the disk of its log, asked once it no longer runs; null where that is not known. */
  availableBytes: number | null
}

/** Work that outlives the connection it was started over. */
export interface DetachedWork {
  /** attemptName() of it. */
  name: string
  /** What it is about, so that a later job finds it. */
  subject: string
  argv: readonly string[]
  /** Goes by the input into its environment as HF_TOKEN. */
  token: string | null
}

/** There is no room on its disk for the few files of detached work. */
export class NoRoomError extends Error {
  override name = 'NoRoomError'
}

/** Names the n-th try of one step of a job. */
export function attemptName(job: string, step: string, n: number): string {
  return `${job}.${n}.${step}`
}

/** How many tries of a step were ever begun there. */
export async function attemptsBegun(live: LiveHost, job: string, step: string, signal?: AbortSignal): Promise<number> {
  const { stdout } = await live.run(['sh', '-c', counter, 'spark-control-count', job, step], { signal })
  return Number(stdout.trim()) || 0
}

/**
 * Starts work in a session of its own, or attaches to it when it was started before.
 * @throws {NoRoomError} when the disk is full
 * @throws {Error} when its directory can't be made
 */
export async function startDetached(
  live: LiveHost,
  { name, subject, argv, token }: DetachedWork,
  signal?: AbortSignal,
): Promise<void> {
  const command = ['sh', '-c', starter, 'spark-control-start', name, subject, work, ...argv]
  const { code, stderr } = await live.run(command, { input: `${token ?? ''}\n`, timeoutMs: 20_000, signal })
  if (code === 0) return
  // A shell's echo tells only that it failed.
  const full = /No space left on device|quota exceeded|I\/O error/i.test(stderr)
  throw new (full ? NoRoomError : Error)(
    `${live.host.id}: the job directory cannot be made (${stderr.trim().slice(0, 200)}); check disk and rights of its home`,
  )
}

/** Reads how it stands; null when it was never started there. */
export async function readDetached(
  live: LiveHost,
  name: string,
  offset: number,
  signal?: AbortSignal,
): Promise<DetachedState | null> {
  const command = ['sh', '-c', reader, 'spark-control-read', name, String(offset + 1)]
  const { code, stdout, stdoutBytes } = await live.run(command, { timeoutMs: 10_000, signal })
  if (code === 3) return null
  const line = stdout.indexOf('\n')
  const [rc = '-', life = 'lost', ...row] = stdout.slice(0, line).split(' ')
  const free = /\s\d+\s+\d+\s+(\d+)\s+\S+%/.exec(row.join(' '))?.[1]
  return {
    text: stdout.slice(line + 1),
    // A log holds bytes, not text: counted otherwise, a half character would move everything that follows.
    offset: offset + stdoutBytes - line - 1,
    exit: /^\d+$/.test(rc) ? Number(rc) : null,
    life: life === 'alive' || life === 'new' ? life : 'lost',
    availableBytes: free === undefined ? null : Number(free) * 1024,
  }
}

/** Ends all that a job still runs there, whole process groups; what has ended is left alone. */
export async function endDetached(live: LiveHost, job: string, signal?: AbortSignal): Promise<void> {
  await live.run(['sh', '-c', killer, 'spark-control-kill', job], { timeoutMs: 30_000, signal })
}

/**
 * Ends and clears what other jobs left at work on the same there, as after a cancel that could not reach it: two tools at
 * once would write the same files.
 * @returns the names of what still ran
 */
export async function endOthers(live: LiveHost, job: string, subject: string, signal?: AbortSignal): Promise<string[]> {
  const command = ['sh', '-c', killer, 'spark-control-kill', '', subject, job]
  const { stdout } = await live.run(command, { timeoutMs: 60_000, signal })
  return stdout.split('\n').filter((name) => name !== '')
}

/** Takes the directories of a job away. */
export async function clearDetached(live: LiveHost, job: string, signal?: AbortSignal): Promise<void> {
  await live.run(['sh', '-c', cleaner, 'spark-control-clear', job], { signal })
}
