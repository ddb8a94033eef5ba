import type { LiveHost } from '../cluster/hosts'
import type { ServiceState } from '../cluster/snapshot'
import type { Service } from '../config/cluster'
import type { JobPhase } from '../jobs/runner'

export const actionNames = ['start', 'stop', 'restart', 'update'] as const
export type ActionName = (typeof actionNames)[number]

/** The verb of an action, as its button and its job say it. */
export const actionTitles: Record<ActionName, string> = {
  start: 'Start',
  stop: 'Stop',
  restart: 'Restart',
  update: 'Update',
}

/** What an action works on. */
export interface ActionTarget {
  service: Service
  /** Logged in as the service's own user where it has one. */
  live: LiveHost
  /** Looks at the service now, so that its tile is true at once. */
  look(): Promise<void>
  /** How the service was seen last. */
  seen(): ServiceState
}

/** One thing that a person may do to a service. */
export interface ServiceAction {
  name: ActionName
  /** What will happen and to whom, for the question before it: `its container comfyui is stopped`. */
  effect: string
  /** Looks before anything is touched; what it returns is kept over a restart of this program. @throws {JobFailure} when it can't work */
  prepare(target: ActionTarget): Promise<unknown>
  phases(target: ActionTarget, prepared: unknown): JobPhase[]
}
