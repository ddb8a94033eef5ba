import { type Lock, lock } from '../core/coordination/lock'
import { hub } from '../core/events/hub'
import { door } from '../core/gateway/door'
import type { JobView } from '../core/jobs/job'
import { type Journal, journal } from '../core/jobs/journal'
import { launchHosts } from '../core/launchers/container'
import { launches } from '../core/models/memory/launches'
import { ledger } from '../core/models/memory/ledger'
import { type Arbiter, arbiter } from '../core/swap/arbiter'
import { durations } from '../core/swap/durations'
import { loads } from '../core/swap/loads'
import { type SwapOrder, takenUp } from '../core/swap/swap-request'
import { outbox } from '../core/webhooks/outbox'
import type { Declared } from './declared'
import { type Disk, disk } from './disk'
import { type Fate, type Life, life } from './life'
import { type Line, line } from './line'
import { questions } from './questions'
import { sight } from './sight'
import { wire } from './wire'
import type { World } from './world'

/** What one run of a controller's program consists of. */
export interface Program {
  life: Life
  arbiter: Arbiter
  lock: Lock
  journal: Journal
}

/** A box that runs Spark Control: its program may be killed, its disk stays. */
export interface Controller {
  name: string
  disk: Disk
  /** By host id. */
  lines: Map<string, Line>
  /** Null while it is down. */
  readonly program: Program | null
  readonly kills: number
  /** What a job was asked for, by the journal. */
  orderOf(job: string): SwapOrder | null
  /** How far its wall clock was set, ms. */
  clockSet: number
  start(): void
}

export interface ControllerOptions {
  name: string
  declared: Declared
  fate: Fate
  /** Told of every view of a job, as the page would be. */
  onView(self: Controller, view: JobView): void
  /** How long it is down after it was killed, ms. */
  downMs(): number
}

const epoch = Date.parse('2026-01-01T00:00:00Z')

/** Sets up a controller that is not started yet. */
export function controller({ name, declared, fate, onView, downMs }: ControllerOptions, world: World): Controller {
  const { time, sparks, random, trace, witness } = world
  const { services, recipes } = declared
  const lines = new Map([...sparks].map(([id, spark]) => [id, line(time, () => spark.up)]))
  const own = disk()
  const draws = random.fork(name)
  let program: Program | null = null
  let runs = 0
  let kills = 0
  let jobs = 0

  function start() {
    const mine = life({
      name: `${name}.${++runs}`,
      time,
      random: draws,
      fate,
      wall: () => epoch + time.now + self.clockSet,
    })
    const { clock } = mine
    trace.add(`${mine.name} starts`)
    mine.onKill(() => {
      trace.add(`${mine.name} is killed`)
      program = null
      kills++
      time.after(downMs(), start)
    })
    const store = own.open(mine)
    const events = hub({ onError: (error) => witness.failed(error as Error) })
    const held = lock({
      store,
      hub: events,
      note: () => {},
      clock,
      run: mine.name,
      randomToken: () => `token-${draws.next()}`,
    })
    const kept = journal(store, clock.now)
    const observed = sight(sparks, lines, services, mine)
    const swaps = arbiter({
      services,
      recipes: () => recipes,
      hosts: new Map([...sparks].map(([id, spark]) => [id, wire(spark, lines.get(id) as Line, mine, world)])),
      observed,
      reckoning: {
        look: async () => ({ found: {}, place: { place: null, problem: null } }),
        ledgers: (recipe, service, others = []) => {
          const ends = [service, ...others].map(({ id }) => id)
          const serving = services.map(({ id }) => id).filter((id) => observed.serves(id)?.length)
          return launchHosts(recipe, service).flatMap((host) => {
            const view = observed.host(host.id)
            return view ? [ledger(view, { host, services, ends, serving })] : []
          })
        },
      },
      launches: launches(store, clock.now),
      store,
      journal: kept,
      durations: durations(store, clock.now),
      loads: loads(store),
      outbox: outbox({ store, clock }),
      lock: held,
      door: door({ clock }),
      hub: {
        publish(type, view) {
          if (mine.alive && type === 'swap') onView(self, view as JobView)
        },
      },
      clock,
      ask: questions(lines, mine, world),
      newId: () => `swap-${name}${++jobs}`,
      log: (event, error) => trace.add(`${mine.name} ${event}: ${error}`),
      look: async () => {},
    })
    program = { life: mine, arbiter: swaps, lock: held, journal: kept }
    swaps.resume()
  }

  const self: Controller = {
    name,
    disk: own,
    lines,
    get program() {
      return program
    },
    orderOf(job) {
      const row = own.real.query('SELECT request FROM jobs WHERE id = $job').get({ job }) as { request: string } | null
      return row && takenUp(JSON.parse(row.request), services)
    },
    get kills() {
      return kills
    },
    clockSet: 0,
    start,
  }
  return self
}
