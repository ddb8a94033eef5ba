import { type Controller, controller } from './controller'
import type { Declared } from './declared'
import { type Ledger, ledger } from './ledger'
import type { Fate } from './life'
import type { Random } from './random'
import { type SparkFaults, spark } from './spark'
import { trace } from './trace'
import { type VirtualTime, virtualTime } from './virtual-time'
import { type Watched, witness } from './witness'
import type { World } from './world'

export interface StageOptions {
  declared: Declared
  draw: Random
  /** Of the controllers. */
  names: string[]
  fate: Fate
  /** Gets each line of the trace. */
  heard?: (line: string) => void
  /** Changes every Spark before anything happens. */
  plant?: Plant
}

export type Plant = (faults: SparkFaults) => void

/** A world in which nothing has happened yet, with its controllers started. */
export interface Stage {
  world: World
  time: VirtualTime
  watched: Watched
  book: Ledger
  controllers: Controller[]
}

export function stage({ declared, draw, names, fate, heard, plant = () => {} }: StageOptions): Stage {
  const time = virtualTime()
  const watched = witness()
  const world: World = {
    time,
    random: draw.fork('world'),
    trace: trace(time, heard),
    sparks: new Map(),
    models: new Map(declared.models.map((model) => [model.repo, model])),
    witness: watched,
  }
  for (const host of declared.hosts) world.sparks.set(host.id, spark(host, world))
  for (const { faults } of world.sparks.values()) plant(faults)
  const book = ledger(world)
  const controllers = names.map((name) => {
    const downs = draw.fork(`downs of ${name}`)
    return controller({ name, declared, fate, onView: book.shown, downMs: () => downs.int(200, 40_000) }, world)
  })
  for (const each of controllers) each.start()
  return { world, time, watched, book, controllers }
}
