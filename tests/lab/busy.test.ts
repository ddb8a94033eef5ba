import { expect, test } from 'bun:test'
import { ports } from './lab'
import { expectNever, onLab } from './stage'

const busySeconds = 60
/** A saturated engine: what asks for its health waits half a minute, while its counters move. */
const saturated = { slowMs: 30_000, metricsMs: 1500, running: 8, waiting: 40, tokensPerSecond: 90 }
const idle = { slowMs: 0, metricsMs: 0, running: 0, waiting: 0, tokensPerSecond: 100 }

onLab('a service on a real Spark', (stage) => {
  test(`that is saturated for ${busySeconds} s is busy and never down; one that stands still is stalled within 90 s`, async () => {
    const { plane, lab } = stage
    const [first, second] = [stage.host('spark-1'), stage.host('spark-2')]
    const from = plane.entries.length
    await lab.steer(first, ports.llm, saturated)
    await lab.steer(second, ports.embed, { slowMs: 30_000 })
    await lab.steer(second, ports.judge, { running: 3, tokensPerSecond: 0 })
    const stalled = plane.entry('judge', 'stalled', from, 90_000)
    await plane.entry('llm', 'busy', from)
    await Bun.sleep(busySeconds * 1000)
    expect((await plane.service('llm')).state).toBe('busy')
    for (const id of ['llm', 'embed']) {
      expect(plane.states(id, from).filter((state) => state === 'down' || state === 'stopped')).toEqual([])
    }
    expect(plane.states('llm', from)).not.toContain('stalled')

    const { cause, remedy } = await stalled
    expect(cause).toContain('3 requests')
    expect(remedy).not.toBeNull()
    expect(await stage.attention()).toMatchObject([{ severity: 'critical', subject: 'service:judge' }])

    const after = plane.entries.length
    await lab.steer(first, ports.llm, idle)
    await lab.steer(second, ports.embed, idle)
    await lab.steer(second, ports.judge, { tokensPerSecond: 100 })
    await stage.settled()
    expectNever(stage, ['down', 'stopped'], after)
  })
})
