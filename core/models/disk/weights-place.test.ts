import { expect, test } from 'bun:test'
import { sampleCache, sampleDisk, sampleFound } from './disk.sample'
import type { ModelCache } from './found-model'
import { commonPlace } from './weights-place'

const disk = (host: string, cache: Partial<ModelCache>, outside: string | null = null) => {
  const made = sampleCache(cache)
  return sampleDisk(host, [sampleFound('org/model', { cache: made.path, outside })], { caches: [made] })
}

test('commonPlace() names no place for what a launch mounts by itself, and any other cache, the own one too', () => {
  expect(commonPlace([disk('spark-1', {})], 'org/model').place).toBeNull()
  expect(commonPlace([disk('spark-1', { path: '/data/hub', mounted: false })], 'org/model').place).toEqual({
    layout: 'hub',
    path: '/data/hub',
  })
})

test('commonPlace() names where a cache leads that is a link', () => {
  const linked = disk('spark-1', { mounted: false, real: '/data/hub' })
  expect(commonPlace([linked], 'org/model').place).toEqual({ layout: 'hub', path: '/data/hub' })
  const { problem } = commonPlace([linked, disk('spark-2', {})], 'org/model')
  expect(problem).toContain('in /data/hub on spark-1 and in the cache that a launch mounts on spark-2')
})

test('commonPlace() refuses what no container could follow', () => {
  const problem = 'its files are in /data/x, behind a link that no container can follow; move them'
  expect(commonPlace([disk('spark-1', {}, problem)], 'org/model').problem).toBe(`org/model: ${problem} (on spark-1)`)
})
