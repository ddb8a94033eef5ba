import { watchFaults } from '../faults'
import { open } from './api/open'
import { parseArguments, UsageError } from './arguments/argv'
import { type Launch, readLaunch } from './arguments/launch'
import type { Engine } from './model/engine'
import { createClaim } from './start/claim'
import { printEngineDeath, printEngineFailure, printRefusal, StartError } from './start/failure'
import { load, rootCause } from './start/load'
import { createLog, type Log, type Sink } from './start/log'
import { readPlace } from './start/place'
import { prepare } from './start/prepare'
import { meet, type Rendezvous } from './start/rendezvous'
import { engineSpeaker } from './start/step'
import { VERSION } from './start/version'

type Environment = Record<string, string | undefined>

// With the 4 looks a second for faults this is as often as an idle server may wake.
const WATCH_MS = 1000
const SHARED_MEMORY_MS = 60_000

/**
 * Plays `vllm` with the words that follow its name. Resolves with the exit code where it ends by itself; a server that is
 * up, and a headless worker, run until they are ended or lose a rank.
 */
export async function runVllm(words: readonly string[], environment: Environment, sink: Sink): Promise<number> {
  if (words.includes('--version')) {
    sink.out(`${VERSION}\n`)
    return 0
  }
  const log = createLog(sink)
  try {
    const parsed = parseArguments(words)
    const whole = { ...environment, ...parsed.environment }
    return await run(readLaunch(parsed, whole), whole, log)
  } catch (error) {
    if (error instanceof UsageError) sink.error(`${error.message}\n`)
    else if (error instanceof StartError) printRefusal(log, error.message)
    else throw error
    return error instanceof UsageError ? 2 : 1
  }
}

async function run(launch: Launch, environment: Environment, log: Log): Promise<number> {
  const place = readPlace(environment)
  const faults = watchFaults(place.directory, launch.port)
  const prepared = await prepare(launch, place, environment)
  const speaker = engineSpeaker(launch)
  const claim = createClaim(place.directory, `VLLM::${speaker}`)
  const meeting = launch.nodes > 1 ? meet(place.cluster, launch.master, launch.rank, launch.nodes) : null
  const home = environment.HOME ?? '/root'
  const budget = await load({ launch, ...prepared, place, home, log, claim, meeting }).catch((error: unknown) => {
    printEngineFailure(log, speaker, rootCause(error))
    return null
  })
  if (!budget) return 1
  if (launch.headless) return follow(log, launch)
  const engine = await open({ launch, prepared, budget, place, faults, log })
  return meeting ? lead(meeting, engine, log) : new Promise<never>(() => {})
}

/** The head goes down when a rank does: what it holds of the model is of no use alone. */
async function lead(meeting: Rendezvous, engine: Engine, log: Log): Promise<number> {
  let lost = meeting.lost()
  for (; lost === null; lost = meeting.lost()) await Bun.sleep(WATCH_MS)
  printEngineDeath(log, lost)
  engine.die()
  // Long enough for /health to say so and for open streams to get their error.
  await Bun.sleep(1000)
  return 1
}

/** A worker never notices that its head is gone: it goes on holding its memory, and says so once a minute. */
async function follow(log: Log, launch: Launch): Promise<never> {
  for (;;) {
    await Bun.sleep(SHARED_MEMORY_MS)
    log.info(
      engineSpeaker(launch),
      'shm_broadcast.py:501',
      'No available shared memory broadcast block found in 60 seconds. This typically happens when some processes are hanging or doing some time-consuming work (e.g. compilation, weight/kv cache quantization).',
    )
  }
}
