import type { DemandRules } from '../../core/models/recipe'
import { duration } from './duration'

/** How a model comes and goes by what apps ask for, in sentences; none where people alone decide. */
export function demandWords({ onDemand, priority, minLoadedS, idleUnloadS, keep }: DemandRules): string[] {
  return [
    onDemand ? 'It loads on request: an app that names it has it loaded.' : null,
    onDemand && minLoadedS > 0 ? `Once loaded it stays for at least ${duration(minLoadedS)}.` : null,
    keep
      ? 'No request for another model ends it.'
      : priority !== 0
        ? `Its priority is ${priority}: a request for a model of lower priority does not end it.`
        : null,
    idleUnloadS === null ? null : `It is unloaded when nobody has used it for ${duration(idleUnloadS)}.`,
  ].filter((each) => each !== null)
}
