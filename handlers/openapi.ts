import type { GeneratedPath } from './gateway'
import { idParameter, type Route } from './route'
import { version } from './version'

/** `GET /openapi.json`: OpenAPI 3.1 of exactly what is served, generated services included. */
export function openapi(routes: Route[], generated: GeneratedPath[]): Route {
  const self: Route = {
    method: 'GET',
    path: '/openapi.json',
    tag: 'control',
    summary: 'OpenAPI 3.1 of everything served',
    handle: () => document([...routes.filter((route) => route !== self), self], generated),
  }
  return self
}

function document(routes: Route[], generated: GeneratedPath[]) {
  const paths: Record<string, Record<string, object>> = {}
  const add = (path: string, method: string, operation: object) => {
    const name = path.replace(/:(\w+)/g, '{$1}')
    paths[name] = { ...paths[name], [method.toLowerCase()]: operation }
  }
  for (const route of routes) add(route.path, route.method, operation(route))
  for (const path of generated) add(path.path, path.method, generatedOperation(path))
  return {
    openapi: '3.1.0',
    info: { title: 'Spark Control', version, description: 'Control plane of a cluster of DGX Sparks.' },
    paths,
    components: { schemas: { Error: errorSchema } },
  }
}

function operation(route: Route) {
  const { path, method, tag, summary, body, bodyOptional, yamlAs, example, answers = {}, success } = route
  const parameters = parametersOf(route)
  const others = Object.entries(answers).map(([status, description]) => [
    status,
    Number(status) < 300 ? { description } : failure(description),
  ])
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? {
          requestBody: {
            required: !bodyOptional,
            content: {
              'application/json': { schema: body, ...(example === undefined ? {} : { example }) },
              ...(yamlAs === undefined ? {} : { 'application/yaml': { schema: { type: 'string' } } }),
            },
          },
        }
      : {}),
    responses: {
      ...(success ? {} : { '200': { description: 'OK' } }),
      ...Object.fromEntries(others),
      default: failure('Any failure'),
    },
  }
}

function parametersOf({ path, params = {}, query = {} }: Route) {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: (params[name]?.pattern ?? idParameter).source },
  }))
  const behind = Object.entries(query).map(([name, { about, required = false, schema = { type: 'string' } }]) => ({
    name,
    in: 'query',
    required,
    description: about,
    schema,
  }))
  return [...inPath, ...behind]
}

function generatedOperation({ path, method, serves }: GeneratedPath) {
  const { summary = '', example } = serves[0]?.endpoint ?? {}
  return {
    operationId: operationId(method, path),
    tags: ['apps'],
    summary,
    description: `Served by ${serves.map(({ service }) => service.id).join(', ')}.`,
    ...(method === 'GET'
      ? {}
      : {
          requestBody: {
            content: { 'application/json': { schema: {}, ...(example === undefined ? {} : { example }) } },
          },
        }),
    responses: { '200': { description: 'The service’s own answer, as it comes' }, default: failure('Any failure') },
  }
}

function operationId(method: string, path: string): string {
  return `${method.toLowerCase()}${path.replace(/[^a-zA-Z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`
}

function failure(description: string) {
  return { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } }
}

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['message', 'type', 'param', 'code'],
      properties: {
        message: { type: 'string' },
        type: { type: 'string' },
        param: { type: ['string', 'null'] },
        code: { type: 'string' },
        retry_after_s: { type: 'number' },
      },
    },
  },
}
