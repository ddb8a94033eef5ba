import { LockedError } from '../core/coordination/lock'
import { finalStates, type JobView } from '../core/jobs/job'
import { SwapRunningError } from '../core/jobs/journal'
import { ArbiterClosedError } from '../core/swap/arbiter'
import { beginSwap } from './begin-swap'
import type { Controller, Program } from './controller'
import type { Declared } from './declared'
import type { Ledger } from './ledger'
import { Killed } from './life'
import type { Random } from './random'
import type { World } from './world'

/** What people and apps ask of a controller. */
export interface Requests {
  /** One more, drawn. */
  next(): void
}

const expectedErrors = [LockedError, SwapRunningError, ArbiterClosedError, Killed]

/** Draws requests as they come in over HTTP: each with nothing but what its caller may know. */
export function requests(target: Controller, declared: Declared, ledger: Ledger, world: World): Requests {
  const { random, trace } = world
  const draw: Random = random.fork(`requests ${target.name}`)
  let token: string | null = null

  function next() {
    const program = target.program
    if (!program) return
    const kind = draw.next()
    guarded(() => {
      if (kind < 0.62) void swap(program)
      else if (kind < 0.66) void swap(program, null)
      else if (kind < 0.78) cancel(program)
      else if (kind < 0.82) twice(program)
      else if (kind < 0.83) for (let n = 0; n < 100; n++) void swap(program)
      else if (kind < 0.9) takeLock(program)
      else if (kind < 0.94) renewOrRelease(program)
      else if (kind < 0.96) forceRelease(program)
      else void swap(program, draw.pick(declared.recipes).id, true)
    })
  }

  async function swap(program: Program, id: string | null = draw.pick(declared.recipes).id, forced = false) {
    const service = draw.pick(declared.services)
    const recipe = declared.recipes.find((each) => each.id === id) ?? null
    const shown = draw.chance(0.5) ? token : null
    const locked = () => ledger.lockedAgainst(target, shown) && !forced
    try {
      const job = await beginSwap(program, { recipe, service, makeRoom: draw.chance(0.5), token: shown, forced })
      if (!job) return
      trace.add(`${program.life.name} accepts ${job.id}: ${id ?? 'nothing'} in ${service.id}`)
      if (locked()) world.witness.breaks(`${job.id} began although somebody else holds the lock`)
    } catch (error) {
      expected(error)
    }
  }

  function cancel(program: Program) {
    const job = running(program)
    if (!job) return
    trace.add(`${program.life.name} is asked to cancel ${job.id}`)
    ledger.cancelled(job.id)
    program.arbiter.cancel(job.id)
  }

  function twice(program: Program) {
    cancel(program)
    world.time.after(draw.int(0, 30_000), () => guarded(() => target.program && cancel(target.program)))
  }

  function takeLock({ lock, life }: Program) {
    const ttlS = draw.int(5, 240)
    const taken = lock.take({ holder: 'Alice', reason: 'a long run', ttlS })
    token = taken.token
    trace.add(`${life.name} lock taken for ${ttlS} s`)
    ledger.locked(target, taken.token, ttlS)
  }

  function renewOrRelease({ lock, life }: Program) {
    if (draw.chance(0.5)) {
      const ttlS = draw.int(5, 240)
      if (lock.renew(token, ttlS)) ledger.locked(target, token ?? '', ttlS)
    } else if (lock.release(token)) {
      trace.add(`${life.name} lock released`)
      ledger.released(target)
    }
  }

  function forceRelease({ lock, life }: Program) {
    if (!lock.forceRelease()) return
    trace.add(`${life.name} lock released by force`)
    ledger.released(target)
  }

  function guarded(act: () => void) {
    try {
      act()
    } catch (error) {
      expected(error)
    }
  }

  /** What callers are told, and what a full disk or a kill ends, is no fault. */
  function expected(error: unknown) {
    const told = expectedErrors.some((kind) => error instanceof kind)
    const ofDisk = String((error as { code?: unknown }).code ?? '').startsWith('SQLITE_')
    if (!told && !ofDisk) world.witness.failed(error as Error)
  }

  return { next }
}

function running({ arbiter }: Program): JobView | null {
  const current = arbiter.current()
  return current && !finalStates.includes(current.state) ? current : null
}
