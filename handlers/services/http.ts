import type { Ask, Probe } from '../../core/cluster/probe'
import type { FactView } from '../../core/cluster/snapshot'
import type { Service } from '../../core/config/cluster'
import type { Endpoint, Kind } from '../kind'

interface Options {
  probe?: { path?: string; status?: number }
  routes?: { method?: Endpoint['method']; path: string; to?: string; timeout?: string }[]
  facts?: { label: string; path: string; from?: string; unit?: string }[]
}

const path = { type: 'string', pattern: '^(/[A-Za-z0-9][A-Za-z0-9._~-]{0,127})+/?$|^/$', maxLength: 512 }

/** Any HTTP service, wholly declared in YAML. */
export const kind: Kind = {
  kind: 'http',
  summary: 'any HTTP service: its probe, routes and tile facts are declared here',
  schema: {
    properties: {
      probe: {
        type: 'object',
        description: 'How to see that it works.',
        additionalProperties: false,
        properties: {
          path: { ...path, default: '/', description: 'Asked once a second.' },
          status: {
            type: 'integer',
            minimum: 100,
            maximum: 599,
            default: 200,
            description: 'The status that means well.',
          },
        },
      },
      routes: {
        type: 'array',
        maxItems: 200,
        description: 'Paths of this controller that lead to the service.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['path'],
          properties: {
            method: { enum: ['GET', 'POST', 'PUT', 'DELETE'], default: 'POST', description: 'HTTP method.' },
            path: {
              ...path,
              pattern: '^/(v1|apps)(/[A-Za-z0-9][A-Za-z0-9._~-]{0,127})+$',
              description: 'Here; below /v1/ or /apps/.',
            },
            to: { ...path, description: 'On the service; the same path when left out.' },
            timeout: {
              type: 'string',
              pattern: '^[1-9][0-9]{0,4}(ms|s|m|h)$',
              default: '300s',
              description: 'Longest silence of the service.',
            },
          },
        },
      },
      facts: {
        type: 'array',
        maxItems: 20,
        description: 'Figures of its tile.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['label', 'path'],
          properties: {
            label: { type: 'string', minLength: 1, maxLength: 40, description: 'What the figure is called.' },
            path: { ...path, description: 'Where the service tells it, as JSON.' },
            from: {
              type: 'string',
              pattern: '^(/[^/]*)*$',
              default: '',
              maxLength: 256,
              description: 'JSON pointer to the figure.',
            },
            unit: { type: 'string', maxLength: 20, description: 'Its unit.' },
          },
        },
      },
    },
  },
  claims: (service) =>
    endpoints(service).map(({ method, path, byModel }) => `${method} ${path}${byModel ? ' by model' : ''}`),
  endpoints,
  probe,
}

function endpoints(service: Service): Endpoint[] {
  const { routes = [] } = service.options as Options
  return routes.map(({ method = 'POST', path, to = path, timeout = '300s' }) => ({
    method,
    path,
    to,
    summary: `${service.title}: ${to}`,
    idleMs: milliseconds(timeout),
    // A service that names its model shares the path with every other that does.
    byModel: service.model !== null && method === 'POST',
    example: service.model === null ? {} : { model: service.model, input: 'Hello' },
  }))
}

function probe(service: Service): Probe {
  const { probe: { path = '/', status: expected = 200 } = {}, facts = [] } = service.options as Options
  return async function look(ask) {
    const { status } = await ask(path)
    if (status !== expected) {
      return {
        state: 'down',
        cause: `${path} answers ${status} instead of ${expected}`,
        remedy: 'look at its log, or correct probe.path',
      }
    }
    const models = service.model === null ? [] : [{ id: service.model, root: service.model }]
    return { state: 'up', models, facts: await Promise.all(facts.map((fact) => read(ask, fact))) }
  }
}

async function read(
  ask: Ask,
  { label, path, from = '', unit }: NonNullable<Options['facts']>[number],
): Promise<FactView> {
  const fact: FactView = { label, value: null, unit: unit ?? null }
  try {
    const { status, text } = await ask(path)
    const value = status === 200 ? pointed(JSON.parse(text), from) : null
    return {
      ...fact,
      value: typeof value === 'number' ? value : typeof value === 'string' ? value.slice(0, 100) : null,
    }
  } catch {
    return fact
  }
}

/** The value a JSON pointer (RFC 6901) leads to, or undefined. */
export function pointed(value: unknown, pointer: string): unknown {
  const steps = pointer.split('/').slice(1)
  return steps.reduce<unknown>((at, step) => {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    return typeof at === 'object' && at !== null && Object.hasOwn(at, key)
      ? (at as Record<string, unknown>)[key]
      : undefined
  }, value)
}

function milliseconds(text: string): number {
  const [, amount = '300', unit = 's'] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? []
  return Number(amount) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit as 'ms' | 's' | 'm' | 'h']
}
