import { whileReachable } from '../cluster/while-reachable'
import type { Service } from '../config/cluster'
import { jobFailure } from '../jobs/job-failure'
import type { JobPhase } from '../jobs/runner'
import type { ActionTarget, ServiceAction } from './action'
import { type ContainerVerb, changeContainer } from './change-container'
import { containerMissing, containerState } from './container-state'
import { containerWorks } from './container-works'

/** Start, stop and restart of the declared container; a service without one has none of them. */
export function containerActions({ container }: Service): ServiceAction[] {
  if (container === null) return []
  return [
    action('start', container, `its container ${container} is started`),
    action('stop', container, `its container ${container} is stopped; requests that it works on now are broken off`),
    action(
      'restart',
      container,
      `its container ${container} is restarted; requests that it works on now are broken off`,
    ),
  ]
}

function action(verb: ContainerVerb, container: string, effect: string): ServiceAction {
  return {
    name: verb,
    effect,
    async prepare({ live }) {
      const now = await containerState(live, container)
      if (!now) throw containerMissing(live, container)
      return { started_at: now.startedAt }
    },
    phases: (target, prepared) => [
      change(verb, container, target, (prepared as { started_at: string }).started_at),
      verb === 'stop' ? stopped(container, target) : containerWorks(container, target),
    ],
  }
}

const titles = { start: 'Start the container', stop: 'Stop the container', restart: 'Restart the container' }

function change(verb: ContainerVerb, container: string, { live }: ActionTarget, startedBefore: string): JobPhase {
  return {
    name: verb,
    title: titles[verb],
    run({ signal, report }) {
      const waiting = () => report(0, `waiting for ${live.host.id} to be reachable again`)
      return changeContainer(live, { verb, container, startedBefore, signal, waiting })
    },
  }
}

function stopped(container: string, { live, look }: ActionTarget): JobPhase {
  return {
    name: 'check',
    title: 'See that it has ended',
    async run({ signal }) {
      const now = await whileReachable(() => containerState(live, container, signal), signal, { live })
      await look()
      if (now?.running)
        throw jobFailure(
          'container_runs_again',
          `container ${container} runs again`,
          'something starts it anew: look at its restart policy and at systemd on that Spark',
        )
    },
  }
}
