import { shellText } from '../cluster/shell'
import type { Host, Service } from '../config/cluster'
import type { Recipe } from '../models/recipe'
import { containerOf, proofCommand, stopCommands } from './container'
import type { Proof } from './launcher'
import { script } from './script'

/** How what a service runs on one host is ended, and proved gone. */
export interface Ending {
  /** For a person: `container vllm_node`. */
  name: string
  /** Each in turn, none an error when nothing is there; a leading `~/` is the home. */
  stop: string[][]
  proof: Proof
  /** What a person types there when it does not end. */
  byHand: string
}

/**
 * Everything that may run in a service on one host: its container always, and what the scripts of these recipes start.
 * @param recipes what is there by all that is known, and what comes; a null is neither
 */
export function endings(recipes: (Recipe | null)[], service: Service, host: Host): Ending[] {
  const isHead = host.id === service.hosts[0]?.id
  const container = containerOf(service)
  const ownContainer: Ending = {
    name: `container ${container}`,
    stop: stopCommands(container),
    proof: { argv: proofCommand(container), by: 'output' },
    byHand: shellText(['docker', 'rm', '-f', container]),
  }
  const scripts = new Map(recipes.flatMap((each) => (each?.script ? [[each.id, each] as const] : [])))
  return [ownContainer, ...[...scripts.values()].flatMap((recipe) => scriptEnding(recipe, service, host, isHead))]
}

/** What the answer of a proof says. */
export function stateOf(
  { by }: Proof,
  { code, stdout }: { code: number | null; stdout: string },
): 'there' | 'gone' | 'unknown' {
  if (by === 'output') return code !== 0 ? 'unknown' : stdout.trim() === '' ? 'gone' : 'there'
  if (code === null || (code >= 125 && code <= 127)) return 'unknown'
  return code === 0 ? 'there' : 'gone'
}

function scriptEnding(recipe: Recipe, service: Service, host: Host, isHead: boolean): Ending[] {
  const proof = script.proof({ recipe, service }, host, isHead)
  const stop = script.stop({ recipe, service }, host, isHead)
  if (!proof) return []
  return [{ name: `the server of ${recipe.id}`, stop, proof, byHand: stop.map(shellText).join('; ') }]
}
