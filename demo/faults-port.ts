import type { SimulatedCluster } from './cluster'
import { type FaultRequest, type FaultSubject, type HubFault, readFault } from './faults'

export interface FaultsPort {
  port: number
  stop(): Promise<void>
}

/** Serves the demo's faults port on 127.0.0.1; it is apart from the product's and has no guard. */
export function faultsPort(cluster: SimulatedCluster, port = 0): FaultsPort {
  const server = Bun.serve({ hostname: '127.0.0.1', port, idleTimeout: 0, development: false, fetch: answer })

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const [, subject = '', id = '', faults = '', more] = pathname.split('/')
    if (request.method === 'GET' && pathname === '/processes') return Response.json({ processes: cluster.processes() })
    if (request.method === 'DELETE' && pathname === '/faults') {
      await cluster.faults.clear()
      return Response.json({ faults: [] })
    }
    if (pathname === '/hub/faults' && request.method === 'POST')
      return injectHub(await request.json().catch(() => null))
    const known = subject === 'hosts' || subject === 'services' || subject === 'recipes'
    if (!known || faults !== 'faults' || more !== undefined)
      return failure(404, 'not_found', `${pathname}: no such path; see docs/API`)
    if (request.method !== 'POST') return failure(405, 'method_not_allowed', `${pathname}: takes POST`)
    if (!cluster.faults.has(subject, id)) return failure(404, 'not_found', `${id}: no such ${subject.slice(0, -1)}`)
    return inject(subject, id, await request.json().catch(() => null))
  }

  function injectHub(body: unknown): Promise<Response> {
    const { repo = null } = (body ?? {}) as { repo?: string | null }
    const act = async (kind: HubFault, seconds: number) => cluster.faults.hub(kind, repo, seconds)
    return done('hub', repo ?? '', readFault('hub', body), act)
  }

  async function inject(subject: Exclude<FaultSubject, 'hub'>, id: string, body: unknown): Promise<Response> {
    if (subject === 'hosts')
      return done('host', id, readFault(subject, body), (kind, seconds) => cluster.faults.host(id, kind, seconds))
    if (subject === 'services')
      return done('service', id, readFault(subject, body), (kind, seconds) => cluster.faults.service(id, kind, seconds))
    return done('recipe', id, readFault(subject, body), (kind) => cluster.faults.recipe(id, kind))
  }

  return { port: server.port ?? port, stop: () => server.stop(true) }
}

async function done<Kind>(
  subject: string,
  id: string,
  fault: FaultRequest<Kind>,
  act: (kind: Kind, seconds: number) => Promise<{ from: number; until: number | null }>,
) {
  if ('problem' in fault) return failure(422, 'invalid_fault', fault.problem, fault.field)
  const { from, until } = await act(fault.kind, fault.seconds)
  const time = (moment: number) => new Date(moment).toISOString()
  return Response.json(
    { [subject]: id, kind: fault.kind, from: time(from), until: until === null ? null : time(until) },
    { status: 201 },
  )
}

function failure(status: number, code: string, message: string, param: string | null = null): Response {
  return Response.json({ error: { message, type: 'invalid_request_error', param, code } }, { status })
}
