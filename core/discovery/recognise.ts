import type { Ask } from '../cluster/probe'
import { type Engine, engines, questions } from './engines'
import { said } from './said'

/** What answers on a port. */
export interface Recognised {
  /** Short name: `vllm`, `comfyui`, `openai` for any other that speaks OpenAI's contract. */
  engine: string
  /** As its makers write it. */
  title: string
  /** The service kind that would watch it. */
  kind: string
  /** Names of the models it says it serves, at most 64. */
  models: string[]
  /** Path that answers while it is well; left out where the kind knows it. */
  probe?: string
}

/** Asks a handful of paths at once and tells which engine answers; null where none that is known does. Never throws. */
export async function recognise(ask: Ask, timeoutMs = 1500): Promise<Recognised | null> {
  const answers = said(await Promise.all(questions.map((path) => answered(ask, path, timeoutMs))))
  const found = engines.find((engine) => engine.is(answers))
  return found ? recognised(found, found.models?.(answers) ?? answers.models) : null
}

async function answered(ask: Ask, path: string, timeoutMs: number) {
  try {
    return { path, ...(await ask(path, { timeoutMs })) }
  } catch {
    return null
  }
}

function recognised({ engine, title, kind, probe }: Engine, models: string[]): Recognised {
  return { engine, title, kind, models, ...(probe === undefined ? {} : { probe }) }
}
