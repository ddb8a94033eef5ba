import { expect, test } from 'bun:test'
import { controlRoutes } from './control/routes'
import { openapi } from './openapi'

interface Operation {
  parameters?: { name: string; in: string; required: boolean; schema: { pattern?: string } }[]
  responses: Record<string, unknown>
}

const routes = controlRoutes([])
const { paths } = openapi(routes, []).handle({} as never) as { paths: Record<string, Record<string, Operation>> }

const operation = (method: string, path: string) => {
  const found = paths[path]?.[method]
  if (!found) throw new Error(`${method} ${path}: is not served`)
  return found
}

test('openapi() names what stands behind the path, and what a path parameter may be', () => {
  const named = (method: string, path: string) =>
    operation(method, path).parameters?.map((each) => `${each.in} ${each.name}${each.required ? '' : '?'}`)
  expect(named('get', '/api/models/search')).toEqual(['query q'])
  expect(named('get', '/api/models/suggest')).toEqual(['query repo'])
  expect(named('delete', '/api/models/{org}/{name}')).toEqual(['path org', 'path name', 'query hosts?'])
  const patterns = Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ parameters = [] }) => parameters.filter((each) => each.in === 'path'))
    .map(({ schema }) => new RegExp(schema.pattern ?? ''))
  expect(patterns.length).toBeGreaterThan(10)
  expect(patterns.some((pattern) => pattern.test('../x'))).toBe(false)
})

test('openapi() tells of no 200 where only another success is answered', () => {
  const successes = (method: string, path: string) =>
    Object.keys(operation(method, path).responses).filter((status) => status.startsWith('2'))
  expect(successes('post', '/api/models/download')).toEqual(['202'])
  expect(successes('put', '/api/secrets/{name}')).toEqual(['204'])
  expect(successes('delete', '/api/secrets/{name}')).toEqual(['204'])
  expect(successes('get', '/api/recipes')).toEqual(['200'])
  for (const { success, answers } of routes) if (success) expect(answers?.[success]).toBeString()
})

test('openapi() names every parameter that a summary speaks of', () => {
  expect(routes.filter(({ summary }) => /[?&]\w+=/.test(summary)).map(({ path }) => path)).toEqual([])
})
