import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Launch } from '../arguments/launch'
import { hash } from '../model/tokens'
import { type Budget, BudgetError, checkFree, GIB, planBudget } from './budget'
import type { Checkpoint } from './checkpoint'
import type { Claim } from './claim'
import type { Log } from './log'
import type { ModelFault, Place } from './place'
import type { Rendezvous } from './rendezvous'
import { startup } from './startup'
import { engineSpeaker, type Gate, type Start } from './step'

export interface LoadOptions {
  launch: Launch
  model: Checkpoint
  drafter: Checkpoint | null
  maxModelLen: number
  place: Place
  /** Where caches live. */
  home: string
  log: Log
  claim: Claim
  fault: ModelFault | null
  /** Null for a launch on one node. */
  meeting: Rendezvous | null
}

/** Raised when the engine can't be started; `message` is the last line of its traceback. */
export class LoadError extends Error {}

const POLL_MS = 250
const JOIN_SECONDS = 600
const FAILS_AT = 0.5
const STALLS_AT = 0.4

/** Goes through a start at the place's speed and resolves with the memory plan, just before the port opens. Throws LoadError. */
export async function load(options: LoadOptions): Promise<Budget> {
  const { launch, model, drafter, maxModelLen, place, claim, log, fault } = options
  const cache = compileCache(options)
  let budget: Budget | null = null
  const start: Start = {
    ...{ launch, model, drafter, speed: place.speed, maxModelLen },
    warm: existsSync(cache),
    compileCache: cache,
    budget() {
      if (!budget) throw new Error('startup: the memory plan was read before its gate')
      return budget
    },
    available: claim.available,
  }
  let due = performance.now()
  for (const step of startup(start)) {
    due += (step.seconds * 1000) / place.speed
    if (due - performance.now() > 1) await Bun.sleep(due - performance.now())
    if (step.gate === 'plan-memory') budget = planBudget(launch, model, maxModelLen, sum(drafter?.shards ?? []))
    else if (step.gate) await pass(step.gate, options)
    if (step.gate) due = performance.now()
    if (step.claim !== undefined) claim.set(step.claim)
    if (fault === 'stall-at-load' && (step.loaded ?? 0) >= STALLS_AT) await forever()
    if (fault === 'fail-at-load' && (step.loaded ?? 0) > FAILS_AT) throw new LoadError(outOfMemory(claim))
    step.print?.(log)
  }
  mkdirSync(cache, { recursive: true })
  return start.budget()
}

async function pass(gate: Gate, { launch, meeting, claim, log }: LoadOptions): Promise<void> {
  if (gate === 'free-memory') return checkFree(launch, claim.available())
  if (!meeting) return
  if (gate === 'join') {
    const until = performance.now() + JOIN_SECONDS * 1000
    while (meeting.present() < launch.nodes) {
      if (performance.now() > until) {
        const joined = `${meeting.present()}/${launch.nodes} clients joined.`
        throw new LoadError(
          `torch.distributed.DistStoreError: Timed out after ${JOIN_SECONDS + 1} seconds waiting for clients. ${joined}`,
        )
      }
      await Bun.sleep(POLL_MS)
    }
    return meeting.reach('joined')
  }
  const stage = gate === 'all-loaded' ? 'loaded' : 'ready'
  meeting.reach(stage)
  while (!meeting.allAt(stage)) {
    const lost = meeting.lost()
    if (lost === 0)
      throw new LoadError(
        'torch.distributed.DistNetworkError: failed to recv, got 0 bytes: Connection was likely closed. Did the remote server shutdown or crash?',
      )
    if (lost !== null) {
      log.error(
        engineSpeaker(launch),
        'multiproc_executor.py:231',
        `Worker proc VllmWorker-${lost} died unexpectedly, shutting down executor.`,
      )
      throw new LoadError(
        'Exception: WorkerProc initialization failed due to an exception in a background process. See stack trace for root cause.',
      )
    }
    await Bun.sleep(POLL_MS)
  }
}

/** The last line of the traceback for whatever stopped a start. */
export function rootCause(error: unknown): string {
  if (error instanceof BudgetError) return `ValueError: ${error.message}`
  if (error instanceof LoadError) return error.message
  throw error
}

function outOfMemory(claim: Claim): string {
  const total = '121.69 GiB'
  const free = `${((claim.available() / GIB) * 0.01).toFixed(2)} GiB`
  return `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has a total capacity of ${total} of which ${free} is free. Of the allocated memory 12.21 GiB is allocated by PyTorch, and 310.44 MiB is reserved by PyTorch but unallocated. If reserved but unallocated memory is large try setting PYTORCH_ALLOC_CONF=expandable_segments:True to avoid fragmentation.`
}

function compileCache({ launch, home }: LoadOptions): string {
  const { model, tensorParallel, maxBatchedTokens, kvBytesPerValue } = launch
  const key = hash(JSON.stringify([model, tensorParallel, maxBatchedTokens, kvBytesPerValue]))
    .toString(16)
    .padStart(8, '0')
  return join(home, '.cache/vllm/torch_compile_cache', `${key}${key.slice(0, 2)}`, 'rank_0_0/backbone')
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

async function forever(): Promise<never> {
  for (;;) await Bun.sleep(60_000)
}
