import { expect, test } from 'bun:test'
import { onLab } from './stage'

onLab('the way into a real Spark', (stage) => {
  test('is refused after a change of the host key, left alone, and open once the new one is accepted', async () => {
    const { plane, lab } = stage
    const spark = stage.host('spark-2')
    const from = plane.entries.length
    await lab.faults.changeHostKey(spark)
    const { cause } = await plane.entry('spark-2', 'refused', from)
    const [pinned, shown] = cause?.match(/SHA256:[A-Za-z0-9+/]{43}/g) ?? []
    expect(pinned).not.toBe(shown)
    const tried = await lab.faults.connects(spark)
    await Bun.sleep(4000)
    expect(await lab.faults.connects(spark)).toBe(tried)
    expect((await plane.service('embed')).state).toBe('up')
    const accepted = await plane.ask('POST', '/api/hosts/spark-2/host-key', { fingerprint: shown })
    expect(accepted.status).toBe(200)
    await plane.entry('spark-2', 'up', from)
  })

  test('is refused after its key was removed, with the line to paste, and is not tried again by itself', async () => {
    const { plane, lab } = stage
    const spark = stage.host('spark-2')
    const from = plane.entries.length
    const giveBack = await lab.faults.removeKeys(spark)
    const { cause, remedy } = await plane.entry('spark-2', 'refused', from)
    expect(cause).toContain('refused the key')
    expect(remedy).toContain('authorized_keys')
    const tried = await lab.faults.connects(spark)
    await Bun.sleep(4000)
    expect(await lab.faults.connects(spark)).toBe(tried)
    giveBack()
    expect((await plane.ask('POST', '/api/hosts/spark-2/connect')).status).toBe(200)
    await plane.entry('spark-2', 'up', from)
    await stage.settled()
  })

  test('that takes no more logins (MaxStartups) is knocked at with patience, and open by itself afterwards', async () => {
    const { plane, lab } = stage
    const spark = stage.host('spark-2')
    const from = plane.entries.length
    const before = await lab.faults.connects(spark)
    const letGo = await lab.faults.holdStartups(spark)
    try {
      const { cause, remedy } = await plane.entry('spark-2', 'unresponsive', from)
      expect(cause).toContain('SSH hangs up')
      expect(remedy).toContain('MaxStartups')
      await Bun.sleep(20_000)
      expect((await lab.faults.connects(spark)) - before).toBeLessThan(10)
      expect(plane.states('spark-2', from).filter((state) => state === 'unresponsive')).toHaveLength(1)
      const of = (await stage.attention()).filter(({ subject }) => subject === 'host:spark-2')
      expect(of).toHaveLength(1)
    } finally {
      await letGo()
    }
    await plane.entry('spark-2', 'up', from, 60_000)
    await stage.settled()
  })

  test('has room for more commands at once than MaxSessions, and none of them fails', async () => {
    const live = stage.plane.runtime.hosts.get('spark-1')
    const runs = Array.from({ length: 40 }, (_, n) => live?.run(['sh', '-c', 'sleep 0.2; echo "$1"', 'sh', String(n)]))
    const answers = await Promise.all(runs)
    expect(answers.map((answer) => answer?.stdout.trim())).toEqual(Array.from({ length: 40 }, (_, n) => String(n)))
    expect((await stage.plane.host('spark-1')).state).toBe('up')
  })
})
