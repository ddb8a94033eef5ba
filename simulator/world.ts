import type { Engine } from './engine'
import type { Model } from './model'
import type { Random } from './random'
import type { Fence, Spark } from './spark'
import type { Trace } from './trace'
import type { VirtualTime } from './virtual-time'

/** What is told to whoever checks, as it happens on the Sparks. */
export interface Witness {
  /** An engine has begun in a slot. */
  engineStarted(engine: Engine): void
  /** Something has changed on a Spark by a command; the fence is null where it carried none. */
  changed(spark: Spark, what: string, fence: Fence | null): void
  /** A number is about to be claimed on a Spark. */
  claimed(spark: Spark, fence: number): void
  jobBegan(job: string): void
  /** A job has come to its end: nothing may be done for it any more. */
  jobEnded(job: string): void
  /** What runs now may be unknown to whoever swaps next, as when a backup was put back. @param job its engines alone */
  forgotten(job?: string): void
  /** A rule is broken. */
  breaks(what: string): void
  /** The simulator itself is at fault. */
  failed(error: Error): void
}

/** All that everything inside shares. */
export interface World {
  time: VirtualTime
  random: Random
  trace: Trace
  /** By host id. */
  sparks: Map<string, Spark>
  /** By repo. */
  models: Map<string, Model>
  witness: Witness
}
