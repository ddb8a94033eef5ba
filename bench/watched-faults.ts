import type { RecordedEvent } from '../core/history/event'
import { until } from '../tests/cluster'
import type { Diary } from '../tests/lab/diary'
import type { LabHost } from '../tests/lab/host'
import type { Lab } from '../tests/lab/lab'

/** What a watch is measured on. */
export interface Ground {
  lab: Lab
  plane: Diary
  /** Waits until all is well again. */
  settled(): Promise<void>
}

export interface Measured {
  /** With the unit. */
  name: string
  goal: number
  values: number[]
}

interface Fault {
  name: string
  goal: number
  /** Whose state tells that it was noticed. */
  subject: string
  /** One of these is the right state. */
  states: string[]
  begin(): unknown
  end(): unknown
}

const rounds = 5
const outages = [1.2, 1.5, 2, 3, 5]

/** Each fault of a host several times over: ms from its begin until the state that it should bring was published. */
export async function watchedFaults(ground: Ground): Promise<Measured[]> {
  const { lab } = ground
  const spark = lab.hosts.at(-1) as LabHost
  const { faults } = lab
  const gone = { subject: spark.id, states: ['unreachable'], goal: 1500 }
  const all: Fault[] = [
    { name: 'link cut', ...gone, begin: () => faults.cut(spark), end: () => faults.heal(spark) },
    { name: 'power cut', ...gone, begin: () => spark.powerOff(), end: () => spark.boot() },
    { name: 'sshd killed', ...gone, begin: () => faults.killSshd(spark), end: () => faults.startSshd(spark) },
    {
      name: 'sshd frozen, no longer up',
      ...gone,
      states: ['unreachable', 'unresponsive'],
      begin: () => faults.freeze(spark, 'sshd'),
      end: () => faults.thaw(spark, 'sshd'),
    },
    {
      name: 'Spark frozen, unresponsive',
      goal: 2000,
      subject: spark.id,
      states: ['unresponsive'],
      begin: () => faults.freeze(spark),
      end: () => faults.thaw(spark),
    },
    {
      name: 'process of a service killed',
      goal: 1000,
      subject: 'embed',
      states: ['down', 'stopped', 'starting'],
      begin: () => endProgram(spark, 'embedder'),
      end: () => {},
    },
  ]
  const noticed: Measured[] = []
  for (const fault of all) noticed.push(await noticedAfter(ground, fault))
  return [...noticed, await restarts(ground, spark), ...(await recorded(ground, spark))]
}

async function noticedAfter({ plane, settled }: Ground, fault: Fault): Promise<Measured> {
  const values: number[] = []
  for (let round = 0; round < rounds; round++) {
    await settled()
    const from = plane.entries.length
    const began = performance.now()
    await fault.begin()
    try {
      const seen = await Promise.any(fault.states.map((state) => plane.entry(fault.subject, state, from)))
      values.push(seen.at - began)
    } finally {
      await fault.end()
    }
  }
  await settled()
  return { name: `${fault.name}: noticed, ms`, goal: fault.goal, values }
}

/** A restart by docker, from its begin to its entry in the record. */
async function restarts({ plane, settled }: Ground, spark: LabHost): Promise<Measured> {
  const values: number[] = []
  for (let round = 0; round < rounds; round++) {
    await settled()
    const since = new Date().toISOString()
    const began = performance.now()
    const restarting = spark.docker.restart('embedder')
    await until('the restart to be recorded', async () => {
      const { events } = await plane.read<{ events: RecordedEvent[] }>(`/api/history?since=${since}&service=embed`)
      return events.some(({ type }) => type === 'restart') ? true : null
    })
    values.push(performance.now() - began)
    await restarting
  }
  return { name: 'container restarted: recorded, ms from its begin', goal: Number.NaN, values }
}

/** Outages of known begin and end, beside what the record says of them; and how long after the end all is up. */
async function recorded({ lab, plane, settled }: Ground, spark: LabHost): Promise<Measured[]> {
  const [begins, ends, back, missing]: number[][] = [[], [], [], []]
  for (const seconds of [...outages, ...outages, ...outages]) {
    await settled()
    const from = plane.entries.length
    const cut = Date.now()
    await lab.faults.cut(spark)
    await Bun.sleep(seconds * 1000 - (Date.now() - cut))
    const healed = Date.now()
    await lab.faults.heal(spark)
    const up = await plane.entry(spark.id, 'up', from)
    back?.push(up.wall - healed)
    const since = new Date(cut - 1000).toISOString()
    const { events } = await plane.read<{ events: RecordedEvent[] }>(`/api/history?since=${since}&host=${spark.id}`)
    const rows = events.filter(({ type, state }) => type === 'connectivity' && state === 'unreachable')
    missing?.push(Math.abs(rows.length - 1))
    begins?.push(Math.abs(Date.parse(rows[0]?.at ?? '') - cut))
    ends?.push(Math.abs(Date.parse(rows[0]?.ended_at ?? '') - healed))
  }
  const of = `outages of ${outages.join(', ')} s`
  return [
    { name: `${of}: missing or double in the record`, goal: 0, values: missing ?? [] },
    { name: `${of}: recorded begin off by, ms`, goal: 300, values: begins ?? [] },
    { name: `${of}: recorded end off by, ms`, goal: 300, values: ends ?? [] },
    { name: `${of}: up again after the end, ms`, goal: 2000, values: back ?? [] },
  ]
}

async function endProgram(spark: LabHost, container: string) {
  await spark.inside(['kill', '-KILL', String(await spark.docker.pid(container))])
}
