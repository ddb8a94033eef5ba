/** @jsxImportSource #jsx */
import type { ServiceView } from '../../core/cluster/snapshot'

/** The log of the service's container: followed by the browser's script, one click away without it. */
export function ServiceLog(props: { service: ServiceView }) {
  const { id, title, hosts } = props.service
  const path = `/api/services/${id}/logs`
  return (
    <section class="panel" aria-labelledby="log-title">
      <h2 id="log-title">Log</h2>
      <pre
        class="log live"
        tabindex={0}
        role="group"
        aria-label={`Log of ${title}`}
        data-log
        data-follow={path}
        hx-ignore
      />
      <p class="small">
        As text, the last 1,000 lines:{' '}
        {hosts.map((host, index) => (
          <>
            {index > 0 && ', '}
            <a href={`${path}?lines=1000&host=${host}`}>on {host}</a>
          </>
        ))}
      </p>
    </section>
  )
}
