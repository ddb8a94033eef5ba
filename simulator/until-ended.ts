import type { Controller } from './controller'
import type { Stage } from './stage'

// The slowest end once all is well: a launch that is silent is given up after half an hour, forward and back.
const patienceMs = 4 * 3600_000
// A look at every event would take longer than the event.
const lookEvery = 16

/** Lets time pass until every job has ended; one that takes over four hours breaks a rule. */
export async function untilEnded({ time, watched, controllers }: Stage): Promise<void> {
  let events = 0
  await time.run(
    time.now + patienceMs,
    () => watched.broken === null && (events++ % lookEvery > 0 || unfinished(controllers)),
  )
  if (unfinished(controllers)) watched.breaks(`not ended ${patienceMs / 3600_000} h after all was well`)
}

/** Whether a job has not come to its end, or nobody is there to see it. */
function unfinished(controllers: Controller[]): boolean {
  return controllers.some(
    ({ program, disk }) =>
      !program || disk.real.query("SELECT 1 FROM jobs WHERE kind = 'swap' AND final = 0").get() !== null,
  )
}
