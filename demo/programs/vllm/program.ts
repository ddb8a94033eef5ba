import { watchFaults } from '../faults'
import { open } from './api/open'
import { parseArguments, UsageError } from './arguments/argv'
import { type Launch, readLaunch } from './arguments/launch'
import type { Engine } from './model/engine'
import { showActivity } from './start/activity'
import { createClaim } from './start/claim'
import { printEngineDeath, printEngineFailure, printRefusal, STUCK, StartError } from './start/failure'
import { load, rootCause } from './start/load'
import { createLog, type Log, type Sink } from './start/log'
import { type Place, readPlace } from './start/place'
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
  if (launch.headless) return follow(meeting, place, (source, text) => log.info(speaker, source, text))
  const onRunning = (requests: number) => {
    showActivity(place, requests)
    meeting?.share(requests)
  }
  const engine = await open({ launch, prepared, budget, place, faults, log, onRunning })
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

/** A worker works when its head does. It never ends because its head is gone: it holds its memory, and says so once a minute. */
async function follow(
  meeting: Rendezvous | null,
  place: Place,
  info: (source: string, text: string) => void,
): Promise<never> {
  let silent = 0
  for (;;) {
    await Bun.sleep(WATCH_MS)
    showActivity(place, meeting?.shared() ?? 0)
    silent = meeting?.lost() === 0 ? silent + WATCH_MS : 0
    if (silent > 0 && silent % SHARED_MEMORY_MS === 0) info('shm_broadcast.py:501', STUCK)
  }
}
