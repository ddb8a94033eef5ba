import { connected } from '../cluster/connected'
import type { Service } from '../config/cluster'
import { jobFailure } from '../jobs/job-failure'
import type { JobPhase } from '../jobs/runner'
import type { ActionTarget, ServiceAction } from './action'
import { type ContainerState, containerState, dockerFailure } from './container-state'
import { containerWorks } from './container-works'

type Verb = 'start' | 'stop' | 'restart'

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

function action(verb: Verb, container: string, effect: string): ServiceAction {
  return {
    name: verb,
    effect,
    async prepare({ live }) {
      const now = await containerState(live, container)
      if (!now) throw missing(container, live.host.id)
      return { started_at: now.startedAt }
    },
    phases: (target, prepared) => [
      change(verb, container, target, (prepared as { started_at: string }).started_at),
      verb === 'stop' ? stopped(container, target) : containerWorks(container, target),
    ],
  }
}

const titles = { start: 'Start the container', stop: 'Stop the container', restart: 'Restart the container' }

function change(verb: Verb, container: string, { live }: ActionTarget, startedBefore: string): JobPhase {
  return {
    name: verb,
    title: titles[verb],
    async run({ signal, report }) {
      const waiting = () => report(0, `waiting for ${live.host.id} to be reachable again`)
      const now = await connected(() => containerState(live, container, signal), signal, waiting)
      if (!now) throw missing(container, live.host.id)
      if (isDone(verb, now, startedBefore)) return
      const command = ['docker', verb, '--', container]
      const said = await connected(() => live.run(command, { timeoutMs: 120_000, signal }), signal, waiting)
      // What docker's exit code says is not asked: what became of the container is.
      const after = await connected(() => containerState(live, container, signal), signal, waiting)
      if (!after || !isDone(verb, after, startedBefore)) throw dockerFailure(live, said.stderr)
    },
  }
}

/** Done already, perhaps by an earlier run of this program: a restart shows in a new start. */
function isDone(verb: Verb, now: ContainerState, startedBefore: string): boolean {
  if (verb === 'restart') return now.startedAt !== startedBefore
  return now.running === (verb === 'start')
}

function stopped(container: string, { live, look }: ActionTarget): JobPhase {
  return {
    name: 'check',
    title: 'See that it has ended',
    async run({ signal }) {
      const now = await connected(() => containerState(live, container, signal), signal)
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

function missing(container: string, host: string) {
  return jobFailure(
    'container_missing',
    `there is no container ${container} on ${host}`,
    'create it there, or correct `container` in spark.config.yaml',
  )
}
