import { plainName } from './plain-name'
import type { Answer } from './probe'

/** A model that an engine serves: the name it answers to and what it really is. */
export interface EngineModel {
  id: string
  root: string
}

const mostModels = 64

/**
 * Reads the answer of `/v1/models`: at most 64 models, whose names are plain text of at most 200 characters.
 * @throws {Error} where it is no list of models
 */
export function engineModels({ status, text }: Answer): EngineModel[] {
  if (status !== 200) throw new Error(`/v1/models answered ${status}`)
  const { data } = (JSON.parse(text) ?? {}) as { data?: unknown }
  // Ollama without a model answers null.
  if (data !== null && !Array.isArray(data)) throw new Error('/v1/models is no list of models')
  return (data ?? []).slice(0, mostModels).flatMap((model: { id?: unknown; root?: unknown } | null) => {
    const id = plainName(model?.id)
    return id === null ? [] : [{ id, root: plainName(model?.root) ?? id }]
  })
}
