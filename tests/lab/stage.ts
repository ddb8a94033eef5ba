import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from 'bun:test'
import type { AttentionView } from '../../core/cluster/snapshot'
import type { RecordedEvent } from '../../core/history/event'
import { until } from '../cluster'
import type { LabHost } from './host'
import { type Lab, labCluster } from './lab'
import { labObstacle } from './needs'
import { labPlane, type Plane } from './plane'

/** What the tests of one file stand on; valid while they run. */
export interface Stage {
  readonly lab: Lab
  readonly plane: Plane
  host(id: string): LabHost
  /** Waits until every host and service is up. */
  settled(): Promise<void>
  /** What needs a person; save for the disk, which the lab shares with the machine. */
  attention(): Promise<AttentionView[]>
  /** The record of a host or service from a second before `since` (ms since the epoch), oldest first. */
  recorded(id: string, since: number): Promise<RecordedEvent[]>
  /** Those of them that tell of a lost connection. */
  outages(host: string, since: number): Promise<RecordedEvent[]>
}

const obstacle = labObstacle()

/** Tests on a lab with the whole control plane; where none can stand they are skipped, and it is said why. */
export function onLab(title: string, tests: (stage: Stage) => void) {
  if (obstacle) console.log(`${title}: skipped; ${obstacle}`)
  describe.skipIf(obstacle !== null)(title, () => {
    let lab: Lab | undefined
    let plane: Plane | undefined

    setDefaultTimeout(120_000)
    beforeAll(async () => {
      lab = await labCluster()
      plane = await labPlane(lab)
      await stage.settled()
    })
    afterAll(async () => {
      await plane?.stop()
      await lab?.stop()
    })

    const stage: Stage = {
      get lab() {
        return standing(lab)
      },
      get plane() {
        return standing(plane)
      },
      host: (id) => standing(lab?.hosts.find((host) => host.id === id)),
      async settled() {
        await until('everything to be up', async () => {
          const { hosts, services } = stage.plane.runtime.view()
          return [...hosts, ...services].every(({ state }) => state === 'up') ? true : null
        })
      },
      async attention() {
        return (await stage.plane.attention()).filter(({ text }) => !text.includes('of the disk'))
      },
      async recorded(id, since) {
        const words = new URLSearchParams({ since: new Date(since - 1000).toISOString(), limit: '500' })
        const { events } = await stage.plane.read<{ events: RecordedEvent[] }>(`/api/history?${words}`)
        return events.reverse().filter(({ subject }) => subject === `host:${id}` || subject === `service:${id}`)
      },
      async outages(host, since) {
        const rows = await stage.recorded(host, since)
        return rows.filter(({ type, state }) => type === 'connectivity' && state !== 'up' && state !== 'unknown')
      },
    }
    tests(stage)
  })
}

/** None of these states was published for a service of the lab since entry `from`. */
export function expectNever({ lab, plane }: Stage, states: string[], from: number) {
  const seen = plane.entries.slice(from).filter(({ id }) => !lab.hosts.some((host) => host.id === id))
  expect(seen.filter(({ state }) => states.includes(state))).toEqual([])
}

function standing<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the lab does not stand; see what beforeAll said')
  return value
}
