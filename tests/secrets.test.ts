import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type TestCluster, testCluster } from './cluster'

let spark: TestCluster
beforeAll(async () => {
  spark = await testCluster({ hosts: 1 })
})
afterAll(() => spark.stop())

const secret = (method: string, name: string, body?: unknown) => spark.ask(method, `/api/secrets/${name}`, body)

test('a secret is set, listed by its name and forgotten; nothing tells its value', async () => {
  const value = 'hf_ThisValueIsNeverToldByAnything'
  const set = await secret('PUT', 'HF_TOKEN', { value: `${value}\n` })
  expect([set.status, await set.text()]).toEqual([204, ''])
  const told = await (await spark.ask('GET', '/api/secrets')).text()
  expect(JSON.parse(told)).toEqual({ secrets: ['HF_TOKEN'], wanted: ['HF_TOKEN'] })
  expect(spark.plane.runtime.secrets.get('HF_TOKEN')).toBe(value)
  const everything = [
    told,
    await (await spark.ask('GET', '/api/history')).text(),
    await (await spark.ask('GET', '/metrics')).text(),
  ]
  expect(everything.join('\n')).toContain('the secret HF_TOKEN was set')
  expect(everything.join('\n')).not.toContain(value)
  expect((await spark.ask('GET', '/api/secrets/HF_TOKEN')).status).toBe(405)
  expect([(await secret('DELETE', 'HF_TOKEN')).status, (await secret('DELETE', 'HF_TOKEN')).status]).toEqual([204, 404])
})

test('a name that would be a path is 404, a value that could not stand in a header 422, and neither is echoed', async () => {
  for (const name of ['..%2fssh', 'a%2fb', 'a-b', '1A', 'a'.repeat(65)])
    expect((await secret('PUT', name, { value: 'x' })).status).toBe(404)
  for (const value of ['', ' ', 'xyzzy\nplugh', 'xyzzy\0', 'x'.repeat(9000), 7]) {
    const refused = await secret('PUT', 'HF_TOKEN', { value })
    expect(refused.status).toBe(422)
    if (typeof value === 'string' && value.length > 2) expect(await refused.text()).not.toContain(value.slice(0, 5))
  }
})
