import { plainText } from '../../cluster/plain-text'
import type { JobError } from '../../jobs/job'
import { noTool } from './download-command'
import type { Examined } from './examine'
import type { Ended } from './follow'
import { type Asked, hubFailure } from './hub-failure'
import { troubleOfText, waitS } from './hub-trouble'
import { scrubbed } from './scrubbed'

/** How often each kind of trouble was met in a row. */
export interface Tries {
  vanished: number
  later: number
}

/** The same of a download, which also counts what came short. */
export interface DownloadTries extends Tries {
  refetched: number
}

/** What is done after a try of a download has ended. */
export type NextStep =
  | { next: 'done' }
  | { next: 'again'; why: string }
  | { next: 'refetch'; files: string[] }
  | { next: 'wait'; why: string; seconds: number }
  | { next: 'room' }
  | { next: 'fail'; reason: JobError }

const most = { vanished: 5, later: 10, refetched: 1 }

/** Decides by the files first, then by what the tool said; its exit code alone proves nothing. Pure. */
export function afterAttempt(
  { exit, said, full }: Ended,
  found: Pick<Examined, 'whole' | 'damaged' | 'problems'>,
  tries: DownloadTries,
  asked: Asked & { host: string },
): NextStep {
  if (found.whole) return { next: 'done' }
  if (exit === null) {
    if (full) return { next: 'room' }
    if (tries.vanished < most.vanished)
      return { next: 'again', why: 'the download vanished there (a restart?); it goes on' }
    return fail(
      'download_vanished',
      `the download vanished on ${asked.host} again and again`,
      'look whether that Spark restarts or kills programs, then download again; what has arrived is kept',
    )
  }
  if (exit !== 0) return afterFailure(exit, said, full, tries, asked)
  if (found.damaged.length > 0) {
    if (tries.refetched < most.refetched) return { next: 'refetch', files: found.damaged }
    return fail(
      'damaged',
      `${found.damaged[0]} came too short on ${asked.host} twice`,
      'look at the disk of that Spark and at the hub, then download again',
    )
  }
  return fail(
    'incomplete',
    `the tool on ${asked.host} said that it was done, but it is not: ${found.problems[0] ?? 'files are missing'}`,
    'download again: it goes on with what has arrived',
  )
}

function afterFailure(
  exit: number,
  said: string,
  full: boolean,
  tries: Tries,
  asked: Asked & { host: string },
): NextStep {
  if (diskFull(said)) return { next: 'room' }
  if (exit === noTool || /uvx.{0,3} command not found/.test(said))
    return fail(
      'tool_missing',
      `there is no hf, uvx or huggingface-cli on ${asked.host}`,
      'install uv there: curl -LsSf https://astral.sh/uv/install.sh | sh',
    )
  const trouble = troubleOfText(said)
  if (trouble?.kind === 'later' && tries.later < most.later)
    return {
      next: 'wait',
      why: `${trouble.why}; try ${tries.later + 1} of ${most.later}`,
      seconds: waitS(tries.later + 1, trouble.afterS),
    }
  if (trouble) return { next: 'fail', reason: hubFailure(trouble, asked).reason }
  if (full) return { next: 'room' }
  return fail(
    'download_failed',
    `the download on ${asked.host} ended with exit code ${exit}: ${lastLine(said)}`,
    'its last lines are in the log below; download again: it goes on with what has arrived',
  )
}

/** Whether a tool says that the disk is full. */
export function diskFull(said: string): boolean {
  return /No space left on device|Errno 28|ENOSPC|Disk quota exceeded/.test(said)
}

/** The last line that says something, without secrets. */
export function lastLine(said: string): string {
  const line = said.split(/[\r\n]+/).findLast((each) => each.trim() !== '')
  return line === undefined ? 'it said nothing' : plainText(scrubbed(line), 300)
}

function fail(code: string, message: string, remedy: string): NextStep {
  return { next: 'fail', reason: { code, message, remedy } }
}
