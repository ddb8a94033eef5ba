import type { Service } from '../config/cluster'
import type { Outcome } from './probe'
import type { ContainerFact, ServiceState } from './snapshot'

/** All that is known when a service's state is judged. */
export interface Evidence {
  service: Service
  outcome: Outcome
  /** Is the head's SSH link up? */
  linked: boolean
  /** The head's containers, or null when docker could not be asked. */
  containers: ContainerFact[] | null
  /** A swap is loading a model into this service now. */
  loading: boolean
  previous: ServiceState
}

export interface Judgement {
  state: ServiceState
  cause: string | null
  remedy: string | null
}

/** Tells a service's state from the evidence; "could not ask" is never "stopped". */
export function serviceState(evidence: Evidence): Judgement {
  const { outcome, service, loading, linked } = evidence
  if (outcome.kind === 'answered') {
    const { state, cause = null, remedy = null } = outcome.finding
    return { state, cause, remedy }
  }
  if (loading) return { state: 'starting', cause: 'the model is loading', remedy: null }
  if (outcome.kind === 'timeout') return slow(evidence)
  if (!linked) {
    return { state: 'unknown', cause: 'its host cannot be asked', remedy: 'mend the host first; see its tile' }
  }
  if (outcome.kind === 'broken') {
    return {
      state: 'down',
      cause: `port ${service.port} answers, but not as ${service.kind} does (${outcome.detail})`,
      remedy: `look at its log; check that port ${service.port} is the one of ${service.id}`,
    }
  }
  return silent(evidence)
}

function slow({ service, linked, previous }: Evidence): Judgement {
  // A dead link swallows the question: only on a living one does silence tell of the service.
  if (!linked)
    return { state: 'unknown', cause: 'its host cannot be asked', remedy: 'mend the host first; see its tile' }
  if (previous === 'up' || previous === 'busy') {
    return { state: 'busy', cause: 'takes longer than 5 s to answer', remedy: 'it may have much to do; wait' }
  }
  return {
    state: 'down',
    cause: `port ${service.port} opens, but nothing answers within 5 s`,
    remedy: 'restart the service',
  }
}

function silent({ service, containers }: Evidence): Judgement {
  if (!service.container) {
    return {
      state: 'down',
      cause: `nothing listens on port ${service.port}`,
      remedy: 'start the service, or correct its port',
    }
  }
  if (containers === null) {
    return {
      state: 'unknown',
      cause: 'docker does not answer on its host',
      remedy: 'check that the SSH user is in the group docker',
    }
  }
  const container = containers.find((each) => each.name === service.container)
  if (container?.state !== 'running') {
    const what = container ? `is ${container.state} (${container.status})` : 'does not exist'
    return {
      state: 'stopped',
      cause: `container ${service.container} ${what}`,
      remedy: service.kind === 'vllm' ? 'choose a model to load' : `start it: docker start ${service.container}`,
    }
  }
  return {
    state: 'down',
    cause: `container ${service.container} runs, but nothing listens on port ${service.port}`,
    remedy: 'its program may have ended or uses another port; look at its log',
  }
}
