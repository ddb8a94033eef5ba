/** @jsxImportSource #jsx */
import type { ServiceView } from '../../core/cluster/snapshot'
import { type ActionName, actionTitles } from '../../core/services/action'
import type { PageData } from '../page-data'
import { isRunning } from './job'

/** What can be done to a service; each leads to a page that says what would happen and asks. */
export function serviceActionsPart(service: ServiceView, actions: ActionName[], data: PageData) {
  const id = `actions-${service.id}`
  const busy = [...data.jobs, data.cluster.swap].some((job) => job?.service === service.id && isRunning(job))
  const paused = takesModels(service, data) && data.cluster.lock.holder !== null
  const sensible = actions.filter((name) => !pointless(name, service.state))
  return (
    <section id={id} class="panel" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Actions</h2>
      {actions.length === 0 ? <p>{whyNone(service)}</p> : busy ? <p>An action is running; see below.</p> : links()}
    </section>
  )

  function links() {
    return (
      <ul class="actions">
        {sensible.map((name) => (
          <li>
            {paused ? (
              <button type="button" disabled>
                {actionTitles[name]}…
              </button>
            ) : (
              <a class={quiet.has(name) ? 'button quiet' : 'button'} href={`/ui/services/${service.id}/${name}`}>
                {actionTitles[name]}…
              </a>
            )}
          </li>
        ))}
      </ul>
    )
  }
}

/** Whether its start and stop are swaps. */
export function takesModels({ id }: ServiceView, { slots }: PageData): boolean {
  return slots.some((slot) => slot.id === id)
}

const quiet = new Set<ActionName>(['stop', 'restart'])

/** What is so already need not be offered; where it is not known how the service is, everything is. */
function pointless(name: ActionName, state: ServiceView['state']): boolean {
  if (state === 'stopped') return name === 'stop' || name === 'restart'
  return name === 'start' && state !== 'unknown' && state !== 'down'
}

function whyNone(service: ServiceView): string {
  return service.disabled
    ? 'None: it is disabled in spark.config.yaml, neither watched nor served.'
    : 'None: no container is named for it in spark.config.yaml.'
}
