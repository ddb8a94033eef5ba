/** @jsxImportSource #jsx */
import type { Html } from '../html'
import { layout } from '../layout'
import type { EndpointGroup, FrameData } from '../page-data'
import { Endpoints } from '../parts/endpoints'

/** Everything that is served here, each with a command to paste. */
export function apiPage(data: FrameData, groups: EndpointGroup[]): Html {
  return layout({
    title: 'API',
    data,
    path: '/ui/api',
    children: (
      <main id="main" tabindex={-1}>
        <h1>API</h1>
        <p>
          Every endpoint below comes from your configuration. The machine-readable form is{' '}
          <a href="/openapi.json">/openapi.json</a>.
        </p>
        <p>
          For whoever writes an app: <a href="/ui/coordination">sharing the cluster</a>, with the lock, schedules,
          webhooks and what to do while a model loads.
        </p>
        {groups.length === 0 && <p>Nothing is served yet: declare a service in spark.config.yaml.</p>}
        {groups.map((group, index) => (
          <section class="panel" aria-labelledby={`group-${index}`}>
            <h2 id={`group-${index}`}>{group.title}</h2>
            <Endpoints endpoints={group.endpoints} prefix={`curl-${index}`} />
          </section>
        ))}
      </main>
    ),
  })
}
