import { type Occurrence, occurrences } from '../../core/coordination/occurrences'
import type { Runtime } from '../../core/runtime'
import type { OccurrenceView, PageData } from '../../views/page-data'

/** What pages tell of swaps that run, wait and are planned. */
export type Swapping = Pick<
  PageData,
  'slots' | 'requests' | 'drain_s' | 'queues' | 'idle' | 'usual' | 'calendar' | 'webhooks'
>

const weekMs = 7 * 24 * 3600_000
const freshMs = 30_000
const mostShown = 31

export function swapping(runtime: Runtime): Swapping {
  const { cluster, swappable, demand } = runtime
  return {
    slots: swappable.map(({ id, title }) => ({ id, title })),
    requests: requests(runtime),
    drain_s: cluster.drainS,
    queues: demand.queue().map((each) => ({ ...each, since: wholeSecond(each.since) })),
    idle: Object.fromEntries(Object.entries(demand.idle()).map(([id, time]) => [id, wholeSecond(time)])),
    usual: usual(runtime),
    calendar: calendar(runtime),
    webhooks: cluster.webhooks.length > 0,
  }
}

/** Two clocks lie between it and each look, and a page that differs by a millisecond would be sent anew. */
function wholeSecond(time: string): string {
  return new Date(Math.round(Date.parse(time) / 1000) * 1000).toISOString()
}

/** Those that came through here, or, where apps ask the engine directly, what it says itself. */
function requests({ swappable, door, observed }: Runtime): Record<string, number> {
  const counts = swappable.map(({ id }) => {
    const running = observed.service(id)?.facts.find(({ label }) => label === 'Running')?.value
    return [id, Math.max(door.inside(id), typeof running === 'number' ? running : 0)] as const
  })
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}

/** What each phase of the swap takes, its way back included, which loads the model from before. */
function usual({ arbiter, durations }: Runtime): Record<string, number> {
  const swap = arbiter.current()
  if (!swap?.service) return {}
  const { recipe, previous, service } = swap
  const back = previous === null ? {} : durations.phases(previous, service)
  return {
    ...(recipe === null ? {} : durations.phases(recipe, service)),
    ...Object.fromEntries(Object.entries(back).map(([phase, seconds]) => [`back_${phase}`, seconds])),
  }
}

const calendars: WeakMap<Runtime, { until: number; made: OccurrenceView[] | null }> = new WeakMap()

/** Reckoned once for all viewers until a schedule changes, since each of them asks four times a second. */
function calendar(runtime: Runtime): OccurrenceView[] {
  let kept = calendars.get(runtime)
  if (!kept) {
    const made = { until: 0, made: null as OccurrenceView[] | null }
    runtime.hub.subscribe(({ type }) => {
      if (type === 'schedules') made.made = null
    })
    calendars.set(runtime, made)
    kept = made
  }
  if (kept.made === null || performance.now() > kept.until) {
    kept.made = planned(runtime)
    kept.until = performance.now() + freshMs
  }
  return kept.made
}

function planned({ schedules }: Runtime): OccurrenceView[] {
  const all = schedules.all()
  const titleOf = (id: string) => all.find((each) => each.id === id)?.title ?? id
  const now = Date.now()
  return occurrences(all, now, now + weekMs)
    .slice(0, mostShown)
    .map(({ schedule, begins, ends, overlaps }: Occurrence) => ({
      id: schedule.id,
      owner: schedule.owner,
      title: schedule.title,
      recipe: schedule.recipe,
      begins,
      ends,
      overlaps: overlaps.map(titleOf),
    }))
}
