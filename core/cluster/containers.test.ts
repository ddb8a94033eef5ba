import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { afterEvent, containerInWords, readContainers, readEvent } from './containers'
import type { ContainerFact } from './snapshot'

const started = '2026-01-01T00:00:00.123456789Z'
const row = (name: string, image: string, Status: string, more: object = {}) =>
  `/${name}|${image}|${JSON.stringify({ Status, StartedAt: started, ExitCode: 0, OOMKilled: false, ...more })}\n`
const rows = [
  row('vllm_node', 'vllm-node:latest', 'running'),
  row('bge-m3', 'tei', 'running', { Health: { Status: 'unhealthy' } }),
  row('comfyui', 'comfyui', 'exited', { ExitCode: 137, OOMKilled: true }),
  row('old', 'x', 'created', { StartedAt: '0001-01-01T00:00:00Z' }),
  row('asr', 'parakeet', 'running', { Health: { Status: 'starting' } }),
]
const list = rows.join('')
const event = (action: string, name = 'vllm_node', more = {}) =>
  JSON.stringify({
    status: action,
    id: 'ab12',
    from: 'vllm-node',
    Type: 'container',
    Action: action,
    Actor: { ID: 'ab12', Attributes: { image: 'vllm-node', name, ...more } },
    scope: 'local',
    time: 1800000000,
    timeNano: 1_800_000_000_123_000_000,
  })

test('readContainers() reads names, states, ends and what their own health checks say', () => {
  const containers = readContainers(list, [])
  expect(containers.map(({ name, state, health, crashed }) => [name, state, health, crashed])).toEqual([
    ['vllm_node', 'running', null, false],
    ['bge-m3', 'running', 'unhealthy', false],
    ['comfyui', 'exited', null, true],
    ['old', 'created', null, false],
    ['asr', 'running', 'starting', false],
  ])
  expect(containers[0]?.started_at).toBe('2026-01-01T00:00:00.123Z')
  expect(containers[3]?.started_at).toBeNull()
  expect(containerInWords(containers[2] as ContainerFact)).toBe('exited with code 137, out of memory')
})

test('afterEvent() follows a restart of 200 ms that no list would show', () => {
  const before = readContainers(list, [])
  const die = readEvent(event('die', 'vllm_node', { exitCode: '137' }))
  const start = readEvent(event('start'))
  if (!die || !start) throw new Error('both are events')
  const dead = afterEvent(before, die, true)
  expect(dead[0]).toMatchObject({ state: 'exited', exit_code: 137, crashed: false })
  const back = afterEvent(dead, start, true)
  expect(back[0]).toMatchObject({ state: 'running', started_at: '2027-01-15T08:00:00.123Z', exit_code: null })
})

test('afterEvent() tells an end that somebody asked for from a crash, and the list keeps that', () => {
  const before = readContainers(list, [])
  const die = readEvent(event('die', 'vllm_node', { exitCode: '137' }))
  if (!die) throw new Error('it is an event')
  expect(afterEvent(before, die, false)[0]?.crashed).toBe(true)
  const stopped = afterEvent(before, die, true)
  const listed = row('vllm_node', 'vllm-node:latest', 'exited', { ExitCode: 137 })
  expect(readContainers(listed, stopped)[0]).toMatchObject({ state: 'exited', exit_code: 137, crashed: false })
})

test('readEvent() leaves out the execs of health checks, and whatever is no event', () => {
  expect(readEvent(event('exec_start: curl -f localhost'))).toBeNull()
  expect(readEvent(event('health_status: unhealthy'))?.action).toBe('health_status: unhealthy')
  fc.assert(fc.property(fc.string(), (line) => readEvent(line) === null))
  fc.assert(fc.property(fc.json(), (line) => readEvent(line) === null))
})

test('readContainers() never throws and never lists one twice, whatever a host prints', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...rows))), (lines) => {
      const names = readContainers(lines.join('\n'), []).map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
    }),
  )
})
