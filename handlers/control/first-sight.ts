import type { Service } from '../../core/config/cluster'
import type { Runtime } from '../../core/runtime'

const beginningMs = 10_000
const patienceMs = 5000

/**
 * Waits, while this controller has just begun, until the hosts of a service and what runs there were seen once:
 * "not seen yet" must not become "impossible". Ends after 5 s at the latest.
 */
export async function firstSight({ startedAt, observed, hub }: Runtime, service: Service): Promise<void> {
  const hosts = () => service.hosts.map(({ id }) => observed.host(id)?.state)
  const waiting = () =>
    hosts().includes('unknown') ||
    (hosts().every((state) => state === 'up') && observed.service(service.id)?.state === 'unknown')
  if (Date.now() - startedAt > beginningMs || !waiting()) return
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      stop()
      resolve()
    }
    const timer = setTimeout(done, patienceMs)
    const stop = hub.subscribe(() => {
      if (!waiting()) done()
    })
  })
}
