import type { JobView } from '../jobs/job'

/** Whether a job changes what runs in a service: its own, or one whose model makes room. */
export function touches({ service, makes_room: others = [] }: JobView, id: string): boolean {
  return service === id || others.some((each) => each.service === id)
}
