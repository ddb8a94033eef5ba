import type { Clock } from '../../clock'
import type { LiveHost } from '../../cluster/hosts'
import type { Observed } from '../../cluster/observed'
import type { Ask } from '../../cluster/probe'
import type { Service } from '../../config/cluster'
import type { JobError } from '../../jobs/job'
import type { Recipe } from '../../models/recipe'

/** What a swap needs of a host; a simulation has its own. */
export type SwapHost = Pick<LiveHost, 'host' | 'address' | 'link' | 'run'>

/** What a swap reads of what is seen, and tells it. */
export type SwapSight = Pick<Observed, 'hosts' | 'host' | 'service' | 'serves' | 'gone' | 'loading'>

/** A service with what runs in it by all that is known: a script of it has to be ended by its own command. */
export interface Slot {
  service: Service
  recipe: Recipe | null
}

/** A step of the swap could not be done; carries what to tell the person. */
export class StepError extends Error {
  override name = 'StepError'
  constructor(readonly reason: JobError) {
    super(reason.message)
  }
}

/** A higher fence stands on a Spark: somebody else has swapped since, and nothing more may be done there. */
export class SupersededError extends StepError {
  override name = 'SupersededError'
}

/** All that a step acts with. */
export interface StepContext {
  job: string
  /** The number that every command which changes something gives (fence.ts). */
  fence: number
  hosts: Map<string, SwapHost>
  observed: SwapSight
  clock: Clock
  /** Asks a port of a host by HTTP. */
  ask(address: string, port: number, timeoutMs: number, signal?: AbortSignal): Ask
  signal: AbortSignal
  /** How far this phase is (0 to 1), and what is happening. */
  report(share: number, detail?: string): void
  log(lines: string[]): void
  /** The engine answers, or has ended; this is the log of its load. */
  loaded(log: string): void
}

export interface SwapLimits {
  /** Seconds that running requests have to finish. */
  drainS: number
  /** Seconds for memory to come back after a stop. */
  memoryS: number
  /** Seconds a load may go on without a new log line. */
  silenceS: number
  /** The same where the launcher's own status says all the while that it lives. */
  quietS: number
  /** Seconds that a load may take in all, however much it prints. */
  loadS: number
  /** Seconds that a Spark may be out of reach in a load; time in which nothing else is charged. */
  linkS: number
}

export const swapLimits: SwapLimits = {
  drainS: 30,
  memoryS: 180,
  silenceS: 180,
  quietS: 1800,
  loadS: 7200,
  linkS: 1800,
}

/** The first host of a service: where the launcher runs and the engine answers. */
export function headOf(service: Service, hosts: Map<string, SwapHost>): SwapHost {
  return hostOf(hosts, service.hosts[0]?.id ?? '')
}

/** @throws {StepError} when it is no longer declared */
export function hostOf(hosts: Map<string, SwapHost>, id: string): SwapHost {
  const live = hosts.get(id)
  if (!live) throw failed('unknown_host', `${id} is not declared`, 'add it under hosts')
  return live
}

/** Makes the error of a step. */
export function failed(code: string, message: string, remedy: string): StepError {
  return new StepError({ code, message, remedy })
}
