import { type Confidence, holds, type Setting, type TraitName } from './tables'

/** One flag or variable of a suggestion, and why it is there or left out. */
export interface SuggestedFlag {
  /** `--flag`, the NAME of a variable, or `container`. */
  flag: string
  /** As the program reads it; true: a flag without a value; null: left out on purpose. */
  value: string | true | null
  reason: string
  source: string
  confidence: Confidence
}

/** Rules that apply, the weightiest last: a flag set twice is the later one's. */
export function settle(
  layers: { settings: readonly Setting[]; confidence: Confidence }[],
  traits: Partial<Record<TraitName, string>>,
): SuggestedFlag[] {
  const settled = new Map<string, SuggestedFlag>()
  for (const { settings, confidence: usual } of layers) {
    for (const { flag, env, value, when, reason, source, confidence = usual } of settings) {
      const name = flag ?? env ?? ''
      if (holds(when, traits)) settled.set(name, { flag: name, value: written(value), reason, source, confidence })
    }
  }
  return [...settled.values()]
}

function written(value: Setting['value']): SuggestedFlag['value'] {
  if (value === undefined) return true
  if (value === null) return null
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
