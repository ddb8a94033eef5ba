import type { Runtime } from '../core/runtime'
import type { EndpointGroup, EndpointView } from '../views/page-data'
import { controlRoutes } from './control/routes'
import type { GeneratedPath } from './gateway'
import type { Kind } from './kind'
import type { Route } from './route'

/** Everything that is served, under headings, each with a command that can be pasted as it stands. */
export function endpointGroups(
  request: Request,
  runtime: Runtime,
  kinds: Kind[],
  generated: GeneratedPath[],
): EndpointGroup[] {
  const control = controlRoutes(kinds)
  const shown = (tag: string) =>
    control
      .filter((route) => route.tag === tag)
      .map((route) =>
        view(request, { ...route, summary: told(route), address: withIds(route.path, runtime) }, route.example),
      )
  const tags = [...new Set(control.map((route) => route.tag))].filter((tag) => tag !== 'apps')
  return [
    { title: 'For apps', endpoints: [...shown('apps'), ...endpointViews(request, generated)] },
    ...tags.map((tag) => ({ title: `${tag[0]?.toUpperCase()}${tag.slice(1)}`, endpoints: shown(tag) })),
  ]
}

/** The generated endpoints of services. */
export function endpointViews(request: Request, paths: GeneratedPath[]): EndpointView[] {
  return paths.map(({ method, path, serves }) => {
    const { summary = '', example } = serves[0]?.endpoint ?? {}
    return view(request, { method, path, address: path, summary }, example)
  })
}

function told({ summary, query }: Route): string {
  return query ? `${summary}; ?${Object.keys(query).join('=&')}=` : summary
}

function withIds(path: string, { cluster, arbiter }: Runtime): string {
  const id = path.startsWith('/api/hosts/') ? cluster.hosts[0]?.id : cluster.services[0]?.id
  return path.replace(':id', id ?? 'ID').replace(':job', arbiter.current()?.id ?? 'JOB')
}

type Shown = { method: string; path: string; address: string; summary: string }

function view(request: Request, { method, path, address, summary }: Shown, example: unknown): EndpointView {
  const verb = method === 'GET' ? '' : ` -X ${method}`
  const body =
    method === 'GET' || example === undefined
      ? ''
      : ` -H 'content-type: application/json' -d ${quoted(JSON.stringify(example))}`
  return { method, path, summary, curl: `curl${verb} ${new URL(request.url).origin}${address}${body}` }
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
