/** @jsxImportSource #jsx */
import type { ServiceView } from '../../core/cluster/snapshot'
import { type ActionName, actionTitles } from '../../core/services/action'
import type { Html } from '../html'
import { layout } from '../layout'
import type { PageData } from '../page-data'
import { closedBy } from '../parts/closed'
import { InUse } from '../parts/in-use'
import { takesModels } from '../parts/service-actions'

/** The question before an action. @param action with what will happen and to whom, as a sentence goes on */
export function serviceActionPage(
  service: ServiceView,
  action: { name: ActionName; effect: string },
  data: PageData,
): Html {
  const title = `${actionTitles[action.name]} ${service.title} on ${places(service, data)}?`
  const closed = takesModels(service, data) ? closedBy(data) : null
  const back = `/ui/services/${service.id}`
  return layout({
    title,
    data,
    children: (
      <main id="main" tabindex={-1}>
        <section class="panel" aria-labelledby="question">
          <h1 id="question">{title}</h1>
          <p>{sentence(action.effect)}</p>
          {takesModels(service, data) && action.name !== 'start' && <InUse services={[service.id]} data={data} />}
          {closed && <p class="notice">{closed}</p>}
          <div class="answers">
            <form method="post" action={`${back}/${action.name}`}>
              <button type="submit" disabled={closed !== null}>
                {actionTitles[action.name]} {service.title}
              </button>
            </form>
            <a class="button quiet" href={back}>
              Do nothing
            </a>
          </div>
        </section>
      </main>
    ),
  })
}

function places(service: ServiceView, data: PageData): string {
  return service.hosts.map((id) => data.cluster.hosts.find((host) => host.id === id)?.title ?? id).join(' and ')
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
