import type { LiveHost } from '../cluster/hosts'
import type { Observed } from '../cluster/observed'
import type { Service } from '../config/cluster'
import type { JobError } from '../jobs/job'
import type { LaunchOrder } from '../launchers/launcher'
import type { Recipe } from '../models/recipe'

/** A step of the swap could not be done; carries what to tell the person. */
export class StepError extends Error {
  override name = 'StepError'
  constructor(readonly reason: JobError) {
    super(reason.message)
  }
}

export interface StepContext {
  job: string
  service: Service
  /** What is launched; null: nothing is, it only ends what runs. */
  order: LaunchOrder | null
  /** What ran before by all that is known. */
  previous: Recipe | null
  hosts: Map<string, LiveHost>
  observed: Observed
  signal: AbortSignal
  /** How far this phase is (0 to 1), and what is happening. */
  report(share: number, detail?: string): void
  log(lines: string[]): void
  /** The engine answers, or has ended; this is the log of its load. */
  loaded(log: string): void
}

export interface SwapLimits {
  /** Seconds for memory to come back after a stop. */
  memoryS: number
  /** Seconds a load may go on without a new log line. */
  silenceS: number
  /** The same where the launcher's own status says all the while that it lives. */
  quietS: number
}

export const swapLimits: SwapLimits = { memoryS: 180, silenceS: 180, quietS: 1800 }

/** The first host of a service: where the launcher runs and the engine answers. */
export function headOf(service: Service, hosts: Map<string, LiveHost>): LiveHost {
  return hostOf(hosts, service.hosts[0]?.id ?? '')
}

/** @throws {StepError} when it is no longer declared */
export function hostOf(hosts: Map<string, LiveHost>, id: string): LiveHost {
  const live = hosts.get(id)
  if (!live) throw failed('unknown_host', `${id} is not declared`, 'add it under hosts')
  return live
}

/** Makes the error of a step. */
export function failed(code: string, message: string, remedy: string): StepError {
  return new StepError({ code, message, remedy })
}
