import { expect, test } from 'bun:test'
import { until } from '../cluster'
import { onLab } from './stage'

onLab('containers of a real Docker', (stage) => {
  test('that restart within a moment are seen to, on the tile and in the record', async () => {
    const { plane } = stage
    const before = Date.now()
    await stage.host('spark-2').docker.restart('embedder', 0)
    const row = await until('the restart to be recorded', async () => {
      const rows = await stage.recorded('embed', before)
      return rows.find(({ type }) => type === 'restart') ?? null
    })
    expect(Math.abs(Date.parse(row.at) - before)).toBeLessThan(10_000)
    await stage.settled()
    const { facts } = await plane.host('spark-2')
    const started = facts?.containers.find(({ name }) => name === 'embedder')?.started_at ?? null
    expect(Date.parse(started ?? '')).toBeGreaterThan(before - 1000)
  })

  test('whose process dies is noticed at once, and again when docker has brought it back', async () => {
    const { plane } = stage
    const from = plane.entries.length
    const spark = stage.host('spark-2')
    const pid = await spark.docker.pid('embedder')
    await spark.inside(['kill', '-KILL', String(pid)])
    const seen = await until(
      'embed to be no longer up',
      () => plane.entries.slice(from).find(({ id }) => id === 'embed') ?? null,
    )
    expect(['starting', 'down', 'stopped']).toContain(seen.state)
    await stage.settled()
    expect(plane.states('spark-2', from)).toEqual([])
  })

  test('that a person stopped are stopped, not broken, and up again after a start', async () => {
    const { plane } = stage
    const { docker } = stage.host('spark-2')
    const from = plane.entries.length
    await docker.stop('embedder', 1)
    const { cause, remedy } = await plane.entry('embed', 'stopped', from)
    expect(cause).toContain('container embedder has exited')
    expect(remedy).toContain('start')
    expect(await stage.attention()).toEqual([])
    await docker.start('embedder')
    await plane.entry('embed', 'up', from)
    await stage.settled()
  })

  test('are unknown while docker is stopped, and nothing is told of them that nobody saw', async () => {
    const { plane, lab } = stage
    const spark = stage.host('spark-2')
    const from = plane.entries.length
    await lab.faults.stopDocker(spark)
    try {
      const { cause } = await plane.said('embed', 'docker does not answer', from)
      expect(cause).toContain('docker does not answer')
      expect((await plane.service('embed')).state).toBe('unknown')
      const attention = await until('a word about docker', async () => {
        const found = await stage.attention()
        return found.find(({ subject, text }) => subject === 'host:spark-2' && text.includes('docker')) ?? null
      })
      expect(attention.remedy).not.toBe('')
      expect(plane.states('spark-2', from)).not.toContain('unreachable')
    } finally {
      await lab.faults.startDocker(spark)
    }
    await plane.entry('embed', 'up', from)
    await stage.settled()
  })

  test('that still work while docker hangs are up', async () => {
    const { plane, lab } = stage
    const spark = stage.host('spark-2')
    const from = plane.entries.length
    lab.faults.freeze(spark, 'dockerd')
    try {
      await Bun.sleep(8000)
      expect((await plane.service('embed')).state).toBe('up')
    } finally {
      lab.faults.thaw(spark, 'dockerd')
    }
    await stage.settled()
    expect(plane.states('embed', from)).toEqual([])
  })
})
