import type { JobError } from '../../jobs/job'
import type { Recipe } from '../../models/recipe'
import type { LaunchState } from './job-directory'
import { wrapperCodes } from './job-scripts'
import { loadFailure } from './load-failure'

/** Why a launch on that host has ended without a model, by how it stands and its log; null while it goes on. */
export function endOf(state: Pick<LaunchState, 'exit' | 'wrapper'> | null, log: string, host: string): JobError | null {
  if (!state) {
    const remedy = 'look at disk and rights of its home, then swap again'
    return { code: 'launch_lost', message: `the launch left no trace on ${host}`, remedy }
  }
  const { exit, wrapper } = state
  // Only a model that gave its token lets the wrapper end with 0: the controller was killed since, and asks again.
  if (exit !== null && exit !== wrapperCodes.finished)
    return loadFailure(log, exit === wrapperCodes.engineGone ? null : exit)
  if (wrapper === 'restarted') {
    const remedy = 'look at why, then swap again'
    return { code: 'host_restarted', message: `${host} has restarted while loading`, remedy }
  }
  if (wrapper === 'gone' && exit === null) {
    const remedy = 'somebody there or its kernel killed it; look at its memory, then swap again'
    return { code: 'launch_killed', message: `the launch on ${host} was ended from outside`, remedy }
  }
  return null
}

/**
 * Which limit a load has reached; null where none.
 * @param spent ms without a new log line, and since its start
 */
export function overdue(
  { id }: Recipe,
  spent: { still: number; took: number },
  { silenceS, loadS }: { silenceS: number; loadS: number },
): JobError | null {
  const remedy = 'read the last log lines; another image or less memory may help'
  if (spent.still > silenceS * 1000) {
    const message = `the load of ${id} stalled: no new log line for ${silenceS} s`
    return { code: 'stalled', message, remedy }
  }
  if (spent.took > loadS * 1000) {
    const message = `the load of ${id} took over ${Math.round(loadS / 60)} min, though its log goes on`
    return { code: 'load_endless', message, remedy }
  }
  return null
}
