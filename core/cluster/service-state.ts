import type { Service } from '../config/cluster'
import { containerInWords } from './containers'
import type { Outcome } from './probe'
import type { ContainerFact, ServiceState } from './snapshot'
import { stillForMs, type Vitals } from './vitals'

/** All that is known when a service's state is judged. */
export interface Evidence {
  service: Service
  outcome: Outcome
  vitals: Vitals
  /** ms, on the clock of the vitals. */
  now: number
  /** Is the head's SSH link up? */
  linked: boolean
  /** The head's containers, or null when docker could not be asked. */
  containers: ContainerFact[] | null
  /** How long ago its container started; null when that is not known. */
  startedForMs: number | null
  /** A swap is loading a model into this service now. */
  loading: boolean
  previous: ServiceState
  /** What was found when it was looked for: on another port, or something else on its own. */
  elsewhere: Elsewhere | null
}

/** What answers where the service should, or where the service answers instead. */
export type Elsewhere = { kind: 'other_port'; port: number } | { kind: 'other_service'; title: string }

export interface Judgement {
  state: ServiceState
  cause: string | null
  remedy: string | null
}

// A soft sign must be seen so often before a service that worked counts as down; a closed port needs no second look.
const enoughMisses = 3
const slowMs = 2000
const graceMs = 60_000

/** Tells a service's state from the evidence; "could not ask" is never "stopped", busy is never "down". */
export function serviceState(evidence: Evidence): Judgement {
  const { outcome, loading, linked } = evidence
  if (evidence.service.port === 0) return byContainer(evidence)
  if (outcome.kind === 'answered') return answered(evidence, outcome)
  if (loading) return { state: 'starting', cause: 'the model is loading', remedy: null }
  if (!linked) return unknowable
  const gone = endedContainer(evidence)
  if (gone) return gone
  if (outcome.kind === 'timeout') return slow(evidence)
  if (outcome.kind === 'unreachable') return doubtful(evidence, dropped(evidence))
  if (outcome.kind === 'broken') return doubtful(evidence, broken(evidence, outcome.detail))
  return silent(evidence)
}

const unknowable: Judgement = {
  state: 'unknown',
  cause: 'its host cannot be asked',
  remedy: 'mend the host first; see its tile',
}

const dockerSilent: Judgement = {
  state: 'unknown',
  cause: 'docker does not answer on its host',
  remedy: 'see its tile; is docker running, and the SSH user in the group docker?',
}

/** A service that listens on no port is as its container is. */
function byContainer(evidence: Evidence): Judgement {
  const { service, containers, linked } = evidence
  if (!linked) return unknowable
  if (containers === null) return dockerSilent
  const gone = endedContainer(evidence)
  if (gone) return gone
  const health = containers.find((each) => each.name === service.container)?.health
  if (health === 'starting')
    return { state: 'starting', cause: `container ${service.container} has just been started`, remedy: null }
  return health === 'unhealthy'
    ? { state: 'down', cause: `container ${service.container} is unhealthy`, remedy: 'look at its log' }
    : { state: 'up', cause: null, remedy: null }
}

function answered(evidence: Evidence, outcome: Extract<Outcome, { kind: 'answered' }>): Judgement {
  const { service, vitals, now } = evidence
  const { state, cause = null, remedy = null } = outcome.finding
  if (state === 'down') {
    if (evidence.elsewhere?.kind === 'other_service') return other(service, evidence.elsewhere.title)
    return doubtful(evidence, { state, cause, remedy })
  }
  const stillMs = now - vitals.movedAt
  if (vitals.running > 0 && stillMs >= stillForMs) {
    return {
      state: 'stalled',
      cause: `works on ${requests(vitals.running)}, but has got nowhere for ${minutes(stillMs)}`,
      remedy: service.kind === 'vllm' ? 'load the model again: its engine has hung' : 'restart it',
    }
  }
  if (state === 'up' && outcome.slowestMs > slowMs) {
    const seconds = Math.round(outcome.slowestMs / 1000)
    return { state: 'busy', cause: `takes ${seconds} s to answer`, remedy: 'it has much to do; wait' }
  }
  const container = evidence.containers?.find((each) => each.name === service.container)
  if (state === 'up' && container?.health === 'unhealthy') {
    return {
      state: 'busy',
      cause: `answers, but the health check of its container ${container.name} fails`,
      remedy: 'look at its log',
    }
  }
  return { state, cause, remedy }
}

/** What worked a moment ago is not called down for one strange answer. */
function doubtful({ previous, vitals }: Evidence, verdict: Judgement): Judgement {
  if (!alive(previous) || vitals.misses >= enoughMisses) return verdict
  return { state: previous, cause: verdict.cause, remedy: 'it is looked at again' }
}

function broken({ service, elsewhere }: Evidence, detail: string): Judgement {
  if (elsewhere?.kind === 'other_service') return other(service, elsewhere.title)
  return {
    state: 'down',
    cause: `port ${service.port} answers, but not as ${service.kind} does (${detail})`,
    remedy: `look at its log; check that port ${service.port} is the one of ${service.id}`,
  }
}

function other(service: Service, title: string): Judgement {
  return {
    state: 'down',
    cause: `port ${service.port} answers as ${title}, not as ${service.id} should`,
    remedy: `correct services.${service.id}.port or its kind in spark.config.yaml`,
  }
}

/** The port opens and nothing is said: an engine with much to do for a while, a dead one after that. */
function slow({ service, vitals, now }: Evidence): Judgement {
  const silentMs = vitals.silentSince === null ? 0 : now - vitals.silentSince
  if (silentMs < stillForMs || now - vitals.movedAt < stillForMs) {
    return { state: 'busy', cause: 'takes longer than 5 s to answer', remedy: 'it may have much to do; wait' }
  }
  return {
    state: 'stalled',
    cause: `port ${service.port} opens, but nothing has answered for ${minutes(silentMs)}`,
    remedy: service.kind === 'vllm' ? 'load the model again: its engine has hung' : 'restart it',
  }
}

function dropped({ service }: Evidence): Judgement {
  return {
    state: 'down',
    cause: `port ${service.port} does not answer at all, though its host does`,
    remedy: 'a firewall on that Spark may drop it: sudo ufw status',
  }
}

function endedContainer({ service, containers }: Evidence): Judgement | null {
  if (!service.container || containers === null) return null
  const container = containers.find((each) => each.name === service.container)
  if (container?.state === 'running') return null
  if (container?.state === 'restarting') {
    return {
      state: 'down',
      cause: `container ${service.container} ends again and again`,
      remedy: 'look at its log; stop it before it wears the machine out',
    }
  }
  if (container?.crashed) {
    return {
      state: 'down',
      cause: `container ${service.container} ended by itself (${containerInWords(container)})`,
      remedy: 'look at its log, then start it',
    }
  }
  const verb = container?.exit_code == null ? 'is' : 'has'
  const what = container ? `${verb} ${containerInWords(container)}` : 'does not exist'
  return {
    state: 'stopped',
    cause: `container ${service.container} ${what}`,
    remedy: service.kind === 'vllm' ? 'choose a model to load' : 'start it',
  }
}

function silent({ service, containers, startedForMs, elsewhere, previous }: Evidence): Judgement {
  if (elsewhere?.kind === 'other_port') {
    return {
      state: 'down',
      cause: `nothing listens on port ${service.port}; it answers on port ${elsewhere.port}`,
      remedy: `set services.${service.id}.port to ${elsewhere.port} in spark.config.yaml`,
    }
  }
  if (!service.container) {
    return {
      state: 'down',
      cause: `nothing listens on port ${service.port}`,
      remedy: 'start the service, or correct its port',
    }
  }
  if (containers === null) return dockerSilent
  const container = containers.find((each) => each.name === service.container)
  // What had answered already is no longer starting.
  const young = startedForMs !== null && startedForMs < graceMs && !alive(previous) && previous !== 'stalled'
  if (container?.health === 'starting' || young) {
    return { state: 'starting', cause: `container ${service.container} has just been started`, remedy: null }
  }
  return {
    state: 'down',
    cause: `container ${service.container} runs, but nothing listens on port ${service.port}`,
    remedy: 'its program may have ended or uses another port; look at its log',
  }
}

function alive(state: ServiceState): boolean {
  return state === 'up' || state === 'busy'
}

function requests(count: number): string {
  return count === 1 ? '1 request' : `${count} requests`
}

// Whole minutes: a text that changes every second says nothing more.
function minutes(ms: number): string {
  return `${Math.floor(ms / 60_000)} min`
}
