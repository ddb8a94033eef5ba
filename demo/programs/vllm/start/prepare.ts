import { checkLaunch } from '../arguments/check'
import type { Launch } from '../arguments/launch'
import { BudgetError, checkContext } from './budget'
import { type Checkpoint, readCheckpoint } from './checkpoint'
import { invalidConfig, StartError } from './failure'
import { type ModelFault, type Place, readModelFault, reservePort } from './place'

/** A launch that passed everything vLLM looks at before it starts an engine. */
export interface Prepared {
  model: Checkpoint
  drafter: Checkpoint | null
  maxModelLen: number
  fault: ModelFault | null
}

/** Takes the port, reads the model and checks the launch against it. Throws StartError. */
export async function prepare(
  launch: Launch,
  place: Place,
  environment: Record<string, string | undefined>,
): Promise<Prepared> {
  const fault = readModelFault(place, launch.model)
  if (!launch.headless && !(await reservePort(place, launch.port))) throw addressInUse()
  const model = readCheckpoint(launch.model, environment)
  const drafter = launch.speculative?.model ? readCheckpoint(launch.speculative.model, environment) : null
  if (fault === 'fail-at-start') {
    throw invalidConfig(
      `Model architectures ['${model.architecture}'] are not supported for now. Supported architectures: dict_keys(['LlamaForCausalLM', 'MistralForCausalLM', 'Qwen2ForCausalLM'])`,
    )
  }
  const problem = checkLaunch(launch)
  if (problem) throw new StartError(problem)
  try {
    const maxModelLen = checkContext(launch, model, environment.VLLM_ALLOW_LONG_MAX_MODEL_LEN === '1')
    return { model, drafter, maxModelLen, fault }
  } catch (error) {
    throw error instanceof BudgetError ? invalidConfig(error.message) : error
  }
}

/** What a second server on the same port gets. */
export function addressInUse(): StartError {
  return new StartError('OSError: [Errno 98] Address already in use')
}
