import type { LabHost } from '../tests/lab/host'
import { ports } from '../tests/lab/lab'
import type { Ground, Measured } from './watched-faults'

const startupSeconds = 60

/** A saturated engine, one that stands still, and an SSH server that takes no login: what is said of them. */
export async function watchedLoad({ lab, plane, settled }: Ground, minutes: number): Promise<Measured[]> {
  const [first, last] = [lab.hosts[0], lab.hosts.at(-1)] as [LabHost, LabHost]
  await settled()
  const from = plane.entries.length
  const began = performance.now()
  await lab.steer(first, ports.llm, {
    slowMs: 30_000,
    metricsMs: 1500,
    running: 8,
    waiting: 40,
    tokensPerSecond: 90,
  })
  await lab.steer(last, ports.judge, { running: 3, tokensPerSecond: 0 })
  const stalled = plane.entry('judge', 'stalled', from, 120_000)
  await Bun.sleep(minutes * 60_000)
  const wrong = plane.states('llm', from).filter((state) => state !== 'busy' && state !== 'up')
  const stalledMs = (await stalled).at - began
  await lab.steer(first, ports.llm, { slowMs: 0, metricsMs: 0, running: 0, waiting: 0 })
  await lab.steer(last, ports.judge, { running: 0, tokensPerSecond: 100 })
  await settled()

  const before = await lab.faults.connects(last)
  const letGo = await lab.faults.holdStartups(last)
  await Bun.sleep(startupSeconds * 1000)
  const tries = (await lab.faults.connects(last)) - before
  await letGo()
  await settled()
  return [
    { name: `engine saturated for ${minutes} min: false states`, goal: 0, values: [wrong.length] },
    { name: 'engine standing still: stalled after, s', goal: 90, values: [stalledMs / 1000] },
    { name: `MaxStartups reached: tries in ${startupSeconds} s`, goal: 10, values: [tries] },
  ]
}
