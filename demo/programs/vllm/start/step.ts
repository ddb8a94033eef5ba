import type { Launch } from '../arguments/launch'
import { type Budget, GIB } from './budget'
import type { Checkpoint } from './checkpoint'
import type { Log, Speaker } from './log'

/** What a start must wait for or check before it goes on. */
export type Gate = 'free-memory' | 'join' | 'plan-memory' | 'all-loaded' | 'all-ready'

/** One moment of a start: `seconds` (at speed 1) after the one before, then a gate, a claim in bytes, a printed line. */
export interface Step {
  seconds: number
  gate?: Gate
  claim?: number
  /** The part of the main model's weights that is loaded by now. */
  loaded?: number
  print?: (log: Log) => void
}

/** All that a start's log depends on. */
export interface Start {
  launch: Launch
  model: Checkpoint
  drafter: Checkpoint | null
  speed: number
  /** Is a compiled graph of this launch in the cache? */
  warm: boolean
  compileCache: string
  maxModelLen: number
  /** Known once the gate `plan-memory` was passed. */
  budget: () => Budget
  /** Free memory right now, in bytes. */
  available: () => number
}

/** What a process holds of the GPU before it has loaded anything. */
export const CONTEXT_BYTES = 0.6 * GIB

/** A step that prints one line; a function's text is made when it is printed. */
export function say(seconds: number, speaker: Speaker, place: string, text: string | (() => string)): Step {
  return { seconds, print: (log) => log.info(speaker, place, typeof text === 'string' ? text : text()) }
}

/** Who speaks for the engine on this node. */
export function engineSpeaker({ tensorParallel, nodes, rank }: Launch): Speaker {
  return tensorParallel > 1 || nodes > 1 ? `Worker_TP${rank}` : 'EngineCore'
}

/** Processes that share the model. */
export function ranksOf({ tensorParallel, pipelineParallel }: Launch): number {
  return tensorParallel * pipelineParallel
}
