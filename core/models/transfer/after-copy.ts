import { diskFull, lastLine, type NextStep, type Tries } from './after-attempt'
import type { Ended } from './follow'
import { waitS } from './hub-trouble'

export interface Copying {
  /** Ids of the hosts. */
  from: string
  to: string
  /** Who logs in where: `spark@192.0.2.12`. */
  login: string
}

const most = { vanished: 5, later: 10 }

/** Room is lacking at the end (`to`), or for the log of the copy where it starts. */
export type AfterCopy = Exclude<NextStep, { next: 'refetch' | 'room' }> | { next: 'room'; on: 'from' | 'to' }

/** Decides after a try of a copy: by the files at its end first, then by what rsync said. Pure. */
export function afterCopy(
  { exit, said, full }: Ended,
  found: { whole: boolean; problems: string[] },
  tries: Tries,
  { from, to, login }: Copying,
): AfterCopy {
  if (found.whole) return { next: 'done' }
  if (exit === null && full) return { next: 'room', on: 'from' }
  if (exit === null && tries.vanished < most.vanished)
    return { next: 'again', why: `the copy vanished on ${from} (a restart?); it goes on` }
  if (diskFull(said)) return { next: 'room', on: 'to' }
  if (/Permission denied \(|Host key verification failed|Too many authentication failures/.test(said))
    return fail(
      'copy_login_refused',
      `${from} can't log in on ${to} as ${login}: ${lastLine(said)}`,
      `on ${from}: ssh-copy-id ${login}, or run NVIDIA's playbook script discover-sparks on both; then download again`,
    )
  if (/rsync.{0,20}(command )?not found|no rsync on/.test(said))
    return fail('rsync_missing', `there is no rsync on ${from} or ${to}`, 'on both: sudo apt install rsync')
  if (network.test(said) && tries.later < most.later) {
    const why = `${from} can't reach ${to}; try ${tries.later + 1} of ${most.later}`
    return { next: 'wait', why, seconds: waitS(tries.later + 1, null) }
  }
  if (exit === 0)
    return fail(
      'copy_incomplete',
      `the copy on ${to} is not whole although rsync was content: ${found.problems[0] ?? 'files are missing'}`,
      'download again: it goes on with what has arrived',
    )
  if (full) return { next: 'room', on: 'from' }
  return fail(
    'copy_failed',
    `the copy from ${from} to ${to} ended with exit code ${exit ?? 'unknown'}: ${lastLine(said)}`,
    'its last lines are in the log below; download again: it goes on with what has arrived',
  )
}

const network =
  /No route to host|Network is unreachable|Connection (refused|timed out|reset|closed)|Could not resolve hostname|connection unexpectedly closed|timeout (in|waiting)|Broken pipe|error in rsync protocol/i

function fail(
  code: string,
  message: string,
  remedy: string,
): { next: 'fail'; reason: { code: string; message: string; remedy: string } } {
  return { next: 'fail', reason: { code, message, remedy } }
}
