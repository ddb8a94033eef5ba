import type { JobView } from '../jobs/job'

// What an action did is seen a moment after it ended.
const afterwardsMs = 5000

/** Whether a job that runs, or has just ended, changes this service. @param now ms since the epoch */
export function onPurpose(jobs: readonly JobView[], service: string, now: number): boolean {
  return jobs.some(({ service: own, makes_room: others = [], ended_at }) => {
    const concerned = own === service || others.some((each) => each.service === service)
    return concerned && (ended_at === null || Math.abs(now - Date.parse(ended_at)) < afterwardsMs)
  })
}
