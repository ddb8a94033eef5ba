import type { Controller } from './controller'
import { drawDeclared } from './declared'
import { faults } from './faults'
import { wrongMessages } from './messages'
import { type Random, random } from './random'
import { requests } from './requests'
import { roughFate } from './rough-fate'
import { stage } from './stage'
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

// The slowest end once all is well: a launch that is silent is given up after half an hour, forward and back.
const patienceMs = 4 * 3600_000

/** Runs the world of one seed to its end. @param heard gets each line of the trace */
export async function simulate(seed: number, heard?: (line: string) => void): Promise<Outcome> {
  const draw = random(seed)
  const declared = drawDeclared(draw.fork('declared'))
  const rough = draw.pick([0, 0, 0.003, 0.01])
  const often = draw.pick([0, 1, 1, 2, 4])
  const lengthMs = draw.int(5, 25) * 60_000
  const names = draw.chance(0.15) ? ['a', 'b'] : ['a']
  let calm = false
  const fate = roughFate(draw.fork('fate'), () => (calm ? 0 : rough))
  const { world, time, watched, book, controllers } = stage({ declared, draw, names, fate, heard })
  const wrongs = faults(controllers, book, world)
  const going = () => watched.broken === null && !calm

  for (const each of controllers)
    repeatedly(requests(each, declared, book, world).next, [2000, 90_000], draw.fork(each.name), time, going)
  for (let n = 0; n < often; n++) repeatedly(wrongs.next, [5000, 200_000], draw.fork(`faults ${n}`), time, going)
  await time.run(lengthMs, going)
  calm = true
  wrongs.heal()
  let looks = 0
  await time.run(lengthMs + patienceMs, () => watched.broken === null && (looks++ % 16 > 0 || unfinished(controllers)))
  if (unfinished(controllers)) watched.breaks(`not ended ${patienceMs / 3600_000} h after all was well`)
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

/** Whether a job has not come to its end, or nobody is there to see it. */
export function unfinished(controllers: Controller[]): boolean {
  return controllers.some(({ program }) => !program || program.journal.unfinished('swap').length > 0)
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
