import { expect, test } from 'bun:test'
import { until } from '../cluster'
import { expectNever, onLab } from './stage'

const alarming = ['down', 'stopped', 'stalled']

onLab('a link to a real Spark', (stage) => {
  test('is up with containers, figures and services', async () => {
    const { facts } = await stage.plane.host('spark-1')
    expect(facts?.containers).toMatchObject([{ name: 'vllm_node', state: 'running' }])
    expect(facts).toMatchObject({ gpu_name: 'NVIDIA GB10', gpu_power_w: 21.35 })
    expect(facts?.addresses.eth0).toBe(stage.host('spark-1').address)
    expect(facts?.boot_id).not.toBe((await stage.plane.host('spark-2')).facts?.boot_id)
    expect(await stage.attention()).toEqual([])
  })

  test('that is cut is unreachable, its services unknown; the other Spark notices nothing', async () => {
    const { plane, lab } = stage
    const spark = stage.host('spark-2')
    const from = plane.entries.length
    const before = Date.now()
    await lab.faults.cut(spark)
    try {
      const { cause, remedy } = await plane.entry('spark-2', 'unreachable', from)
      expect(cause).toContain('was lost')
      expect(remedy).toContain('power and network')
      await plane.entry('embed', 'unknown', from)
      expect(await stage.attention()).toMatchObject([{ severity: 'critical', subject: 'host:spark-2' }])
    } finally {
      await lab.faults.heal(spark)
    }
    await plane.entry('spark-2', 'up', from)
    await stage.settled()
    expectNever(stage, alarming, from)
    expect(plane.states('spark-1', from)).toEqual([])
    const rows = await stage.outages('spark-2', before)
    expect(rows).toMatchObject([{ state: 'unreachable', cause: expect.stringContaining('was lost') }])
    expect(rows[0]?.ended_at).not.toBeNull()
  })

  for (const seconds of [1.5, 3]) {
    test(`that is gone for ${seconds} s leaves one record with its begin and end`, async () => {
      const { plane, lab } = stage
      const spark = stage.host('spark-2')
      const from = plane.entries.length
      const cutAt = Date.now()
      await lab.faults.cut(spark)
      await Bun.sleep(seconds * 1000)
      const healedAt = Date.now()
      await lab.faults.heal(spark)
      await plane.entry('spark-2', 'unreachable', from)
      await plane.entry('spark-2', 'up', from)
      await stage.settled()
      const [row, ...more] = await stage.outages('spark-2', cutAt)
      expect(more).toEqual([])
      expect(row?.state).toBe('unreachable')
      const [began = 0, ended = 0] = [row?.at, row?.ended_at].map((at) => Date.parse(at ?? ''))
      expect(Math.abs(began - cutAt)).toBeLessThan(1000)
      expect(Math.abs(ended - healedAt)).toBeLessThan(1000)
      expectNever(stage, alarming, from)
    })
  }

  test('that loses every fifth packet each way never makes a service look down, and keeps its record whole', async () => {
    const { plane, lab } = stage
    const spark = stage.host('spark-2')
    const from = plane.entries.length
    const before = Date.now()
    await lab.faults.lose(spark, 20)
    try {
      await Bun.sleep(15_000)
    } finally {
      await lab.faults.lose(spark, 0)
    }
    await stage.settled()
    expectNever(stage, alarming, from)
    expect(plane.states('spark-2', from)).not.toContain('refused')
    const rows = await stage.outages('spark-2', before)
    expect(rows.filter(({ ended_at }) => ended_at === null)).toEqual([])
    const states = plane.states('spark-2', from)
    expect(rows.map(({ state }) => state)).toEqual(states.filter((state) => state !== 'up' && state !== 'unknown'))
  })

  test('whose SSH server is killed says so, while its services work on', async () => {
    const { plane, lab } = stage
    const spark = stage.host('spark-2')
    const from = plane.entries.length
    lab.faults.killSshd(spark)
    try {
      await plane.entry('spark-2', 'unreachable', from)
      const closed = await plane.said('spark-2', 'nothing listens on port 22', from)
      expect(closed.remedy).toContain('start sshd')
      expect((await plane.service('embed')).state).toBe('up')
    } finally {
      await lab.faults.startSshd(spark)
    }
    await plane.entry('spark-2', 'up', from)
    await stage.settled()
    expectNever(stage, alarming, from)
  })

  test('whose SSH server is frozen is unresponsive, while the services and the other Spark work on', async () => {
    const { plane, lab } = stage
    const spark = stage.host('spark-2')
    const from = plane.entries.length
    lab.faults.freeze(spark, 'sshd')
    try {
      const { cause } = await plane.entry('spark-2', 'unresponsive', from)
      expect(cause).toContain('SSH does not answer')
      expect((await plane.service('embed')).state).toBe('up')
    } finally {
      lab.faults.thaw(spark, 'sshd')
    }
    await plane.entry('spark-2', 'up', from)
    await stage.settled()
    expectNever(stage, alarming, from)
    expect(plane.states('spark-1', from)).toEqual([])
  })

  test('to a Spark that froze as a whole is unresponsive, with advice of its own', async () => {
    const { plane, lab } = stage
    const spark = stage.host('spark-2')
    const from = plane.entries.length
    const before = Date.now()
    lab.faults.freeze(spark)
    try {
      const { cause, remedy } = await plane.entry('spark-2', 'unresponsive', from)
      expect(cause).toContain('SSH does not answer')
      expect(remedy).toContain('power-cycle')
      await plane.entry('embed', 'unknown', from)
      for (const path of ['/health', '/api/cluster', '/', '/metrics'])
        expect((await plane.ask('GET', path)).ok).toBe(true)
    } finally {
      lab.faults.thaw(spark)
    }
    await plane.entry('spark-2', 'up', from)
    await stage.settled()
    expectNever(stage, alarming, from)
    const rows = await stage.outages('spark-2', before)
    expect(rows.map(({ state }) => state)).toContain('unresponsive')
    expect(rows.filter(({ ended_at }) => ended_at === null)).toEqual([])
  })

  test('survives a power cut: another boot id after it, its containers and services back', async () => {
    const { plane } = stage
    const spark = stage.host('spark-2')
    const bootId = (await plane.host('spark-2')).facts?.boot_id
    const from = plane.entries.length
    const before = Date.now()
    await spark.powerOff()
    await plane.entry('spark-2', 'unreachable', from)
    await spark.boot()
    await spark.docker.ready()
    await plane.entry('spark-2', 'up', from)
    await stage.settled()
    // What was seen before the cut is shown, with its age, until the new boot was looked at.
    const facts = await until('the figures of the new boot', async () => {
      const found = (await plane.host('spark-2')).facts
      return found?.boot_id !== bootId && found?.containers.length === 2 ? found : null
    })
    expect(facts.containers.map(({ name, state }) => [name, state]).sort()).toEqual([
      ['embedder', 'running'],
      ['vllm_judge', 'running'],
    ])
    expect(await stage.recorded('spark-2', before)).toContainEqual(expect.objectContaining({ type: 'restart' }))
    expect((await stage.outages('spark-2', before)).map(({ state }) => state)).toEqual(['unreachable'])
    expectNever(stage, ['stalled'], from)
  })

  test('leaves one set of programs on a Spark, however often it was lost', async () => {
    for (const { id, processes } of stage.lab.hosts) {
      const streams = () => processes('docker').length + processes('nvidia-smi').length
      await until(`${id} to run two streams alone`, () => (streams() === 2 ? true : null))
    }
  })
})
