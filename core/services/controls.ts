import type { Logins } from '../cluster/logins'
import type { Observed } from '../cluster/observed'
import type { Service } from '../config/cluster'
import type { JobView } from '../jobs/job'
import type { JobPhase, Runner } from '../jobs/runner'
import { type ActionTarget, actionTitles, type ServiceAction } from './action'

export interface ControlsOptions {
  /** What can be done to each service, by its id. */
  actions: Map<string, ServiceAction[]>
  services: Service[]
  logins: Logins
  observed: Observed
  look(service: string): Promise<void>
}

/** Starts, stops and updates services by what their kinds declare. */
export interface Controls {
  actions(service: Service): ServiceAction[]
  /** Looks whether it can work, then begins it. @throws {JobFailure} when it can't, {ActionRunningError} */
  begin(runner: Runner, service: Service, action: ServiceAction): Promise<JobView>
  /** The phases of an action that was accepted earlier; null when it is no longer declared. */
  phasesOf(view: JobView, prepared: unknown): JobPhase[] | null
}

/** Puts declared actions, logins and what is seen together. */
export function controls({ actions, services, logins, observed, look }: ControlsOptions): Controls {
  const of = (service: Service) => actions.get(service.id) ?? []

  function target(service: Service): ActionTarget {
    return {
      service,
      live: logins.of(service),
      look: () => look(service.id),
      seen: () => observed.service(service.id)?.state ?? 'unknown',
    }
  }

  return {
    actions: of,
    async begin(runner, service, action) {
      const on = target(service)
      const prepared = await action.prepare(on)
      const title = `${actionTitles[action.name]} ${service.title}`
      const phases = action.phases(on, prepared)
      return runner.start({ subject: { service: service.id }, action: action.name, title, phases, request: prepared })
    },
    phasesOf(view, prepared) {
      const service = services.find((each) => each.id === view.service)
      const action = service && of(service).find((each) => each.name === view.action)
      return action ? action.phases(target(service), prepared) : null
    },
  }
}
