import type { JobView } from '../jobs/job'

/** What a job means a service to become. */
export interface Purpose {
  job: string
  /** It goes on, and may bring it through any state until then. */
  open: boolean
  /** Whether the service works as it is meant; null: neither is meant. */
  works: boolean | null
}

// What an action did is seen a moment after it ended.
const afterwardsMs = 5000
const ups = ['start', 'restart', 'update']
const downs = ['stop', 'end-orphan']

/** What a job that runs means this service to become, or one in which, or just after which, the change came; null: none does. @param at of the change, ms since the epoch */
export function onPurpose(jobs: readonly JobView[], service: string, at: number): Purpose | null {
  const concerned = jobs.filter(
    ({ service: own, makes_room: others = [] }) => own === service || others.some((each) => each.service === service),
  )
  const job =
    concerned.find(({ ended_at }) => ended_at === null) ??
    concerned.filter((each) => isNear(each, at)).toSorted((a, b) => ended(b) - ended(a))[0]
  return job ? { job: job.id, open: job.ended_at === null, works: meant(job, service) } : null
}

const ended = ({ ended_at }: JobView) => Date.parse(ended_at ?? '')

function isNear(job: JobView, at: number): boolean {
  return at > Date.parse(job.created_at) - afterwardsMs && at < ended(job) + afterwardsMs
}

function meant({ kind, action = '', ended_at, result, service: own, recipe }: JobView, service: string) {
  if (kind !== 'swap') return ups.includes(action) ? true : downs.includes(action) ? false : null
  const loads = own === service && recipe !== null
  if (ended_at === null || result === 'new') return loads
  // What swap_failed tells of: nothing is loaded.
  if (result === 'none') return false
  return null
}
