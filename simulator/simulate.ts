import { drawDeclared } from './declared'
import { faults } from './faults'
import { wrongMessages } from './messages'
import { type Random, random } from './random'
import { requests } from './requests'
import { roughFate } from './rough-fate'
import { type Plant, stage } from './stage'
import { untilEnded } from './until-ended'
import type { VirtualTime } from './virtual-time'

/** What came of one seed. */
export interface Outcome {
  seed: number
  /** The first rule that was broken; null: none was. */
  broken: Error | null
  /** The last lines of what happened. */
  tail: string[]
  /** Of everything that happened: equal for equal runs. */
  digest: string
  swaps: number
  kills: number
  /** By kind. */
  faults: Map<string, number>
  /** How jobs ended, by state. */
  ends: Map<string, number>
  virtualS: number
}

export interface SimulateOptions {
  /** Gets each line of the trace. */
  heard?: (line: string) => void
  /** Puts a fault into every Spark that no controller may get over, to see whether it is noticed. */
  plant?: Plant
}

/** Runs the world of one seed to its end. */
export async function simulate(seed: number, { heard, plant }: SimulateOptions = {}): Promise<Outcome> {
  const draw = random(seed)
  const declared = drawDeclared(draw.fork('declared'))
  const rough = draw.pick([0, 0.003, 0.01, 0.03])
  const often = draw.pick([0, 1, 1, 2, 4])
  const lengthMs = draw.int(3, 10) * 60_000
  const names = draw.chance(0.15) ? ['a', 'b'] : ['a']
  let calm = false
  const fate = roughFate(draw.fork('fate'), () => (calm ? 0 : rough))
  const set = stage({ declared, draw, names, fate, heard, plant })
  const { world, time, watched, book, controllers } = set
  const wrongs = faults(controllers, book, world)
  const going = () => watched.broken === null && !calm

  for (const each of controllers)
    repeatedly(requests(each, declared, book, world).next, [2000, 45_000], draw.fork(each.name), time, going)
  for (let n = 0; n < often; n++) repeatedly(wrongs.next, [5000, 100_000], draw.fork(`faults ${n}`), time, going)
  await time.run(lengthMs, going)
  calm = true
  wrongs.heal()
  await untilEnded(set)
  for (const { disk } of controllers) {
    const wrong = wrongMessages(disk.real)
    if (wrong) watched.breaks(wrong)
  }
  return {
    seed,
    broken: watched.broken,
    tail: world.trace.tail(),
    digest: world.trace.digest,
    swaps: [...book.ends.values()].reduce((sum, count) => sum + count, 0),
    kills: controllers.reduce((sum, each) => sum + each.kills, 0),
    faults: wrongs.counts,
    ends: book.ends,
    virtualS: time.now / 1000,
  }
}

function repeatedly(
  act: () => void,
  [from, to]: [number, number],
  draw: Random,
  time: VirtualTime,
  going: () => boolean,
) {
  time.after(draw.int(0, to), again)
  function again() {
    if (!going()) return
    act()
    time.after(draw.int(from, to), again)
  }
}
