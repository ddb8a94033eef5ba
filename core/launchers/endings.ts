import { shellText } from '../cluster/shell'
import type { Host, Service } from '../config/cluster'
import type { Recipe } from '../models/recipe'
import { containerOf, containerProof, stopCommands } from './container'
import type { Proof } from './launcher'
import { script } from './script'

/** How what a service runs on one host is ended, and proved gone. */
export interface Ending {
  /** For a person: `container vllm_node`. */
  name: string
  /** Each in turn, none an error when nothing is there; a leading `~/` is the home. */
  stop: string[][]
  /** Seconds that each of them may take. */
  patienceS: number
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
    patienceS: 60,
    proof: containerProof(container),
    byHand: shellText(['docker', 'rm', '-f', container]),
  }
  const scripts = new Map(recipes.flatMap((each) => (each?.script ? [[each.id, each] as const] : [])))
  return [ownContainer, ...[...scripts.values()].flatMap((recipe) => scriptEnding(recipe, service, host, isHead))]
}

/** What the answer of a proof says; `mute`: its program or folder is not there any more, so that it never will say anything. */
export function stateOf(
  { by }: Proof,
  { code, stdout }: { code: number | null; stdout: string },
): 'there' | 'gone' | 'unknown' | 'mute' {
  if (by === 'output') return code !== 0 ? 'unknown' : stdout.trim() === '' ? 'gone' : 'there'
  if (code === null) return 'unknown'
  if (code >= 125 && code <= 127) return 'mute'
  return code === 0 ? 'there' : 'gone'
}

function scriptEnding(recipe: Recipe, service: Service, host: Host, isHead: boolean): Ending[] {
  const proof = script.proof({ recipe, service }, host, isHead)
  const stop = script.stop({ recipe, service }, host, isHead)
  if (!proof) return []
  // Its owner's command may finish what was asked before it ends.
  return [{ name: `the server of ${recipe.id}`, stop, patienceS: 600, proof, byHand: stop.map(shellText).join('; ') }]
}
