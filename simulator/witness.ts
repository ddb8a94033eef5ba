import type { Engine } from './engine'
import type { Fence, Spark } from './spark'
import type { Witness } from './world'

/** A rule that was broken. */
export class Broken extends Error {
  override name = 'Broken'
}

export interface Watched extends Witness {
  /** What broke first; null while nothing has. */
  readonly broken: Error | null
}

/** Looks at everything that happens on the Sparks, as it happens. */
export function witness(): Watched {
  const started = new Map<string, Engine>()
  const running = new Set<Engine>()
  const unknown = new Set<Engine>()
  const ended = new Set<string>()
  let broken: Error | null = null

  function breaks(what: string) {
    broken ??= new Broken(what)
  }

  function engineStarted(engine: Engine) {
    const id = `${engine.launch} on ${engine.sparks[0]?.host.id}`
    if (started.has(id)) breaks(`${id} was launched twice`)
    started.set(id, engine)
    for (const other of running) {
      if (other.state === 'ended') running.delete(other)
      else if (sameSlot(engine, other)) breaks(`two engines in one slot: ${other.launch} and ${engine.launch}`)
    }
    running.add(engine)
    // A launcher that is under way when a higher fence is claimed notices within a second, and is ended by the sweep after it.
    const [head] = engine.sparks
    if (head && engine.fence < head.swept)
      breaks(`${id} starts with fence ${engine.fence}, where ${head.swept} has swept`)
    for (const spark of engine.sparks) {
      const told = spark
        .engines()
        .filter((each) => !unknown.has(each) && ownerOf(each) === ownerOf(engine))
        .reduce((sum, { utilization }) => sum + utilization * spark.total, 0)
      if (told > spark.most) breaks(`the engines on ${spark.host.id} were told to take more than it has`)
    }
  }

  function changed(spark: Spark, what: string, fence: Fence | null) {
    const on = `${spark.host.id}: ${what}`
    if (!fence) return breaks(`${on} without a fence`)
    const stands = spark.fence.number
    if (fence.number < stands) breaks(`${on} with fence ${fence.number}, where ${stands} stands`)
    if (ended.has(fence.job)) breaks(`${on} by ${fence.job}, which has ended`)
  }

  return {
    engineStarted,
    changed,
    claimed(spark, fence) {
      if (spark.fence.number > fence) breaks(`${spark.host.id}: fence ${fence} was claimed below ${spark.fence.number}`)
    },
    failed(error) {
      broken ??= error
    },
    forgotten(job = '') {
      for (const each of running) if (each.launch.startsWith(job)) unknown.add(each)
    },
    jobBegan: (job) => void ended.delete(job),
    jobEnded: (job) => void ended.add(job),
    breaks,
    get broken() {
      return broken
    },
  }
}

function sameSlot(a: Engine, b: Engine): boolean {
  return a.container === b.container && a.sparks.some((spark) => b.sparks.includes(spark))
}

/** The controller that launched it: `a` of `swap-a7-back-0`. Two of them know nothing of each other's loads. */
function ownerOf({ launch }: Engine): string {
  return /^swap-([a-z]+)/.exec(launch)?.[1] ?? ''
}
