import type { Outcome } from '../cluster/probe'
import type { Elsewhere } from '../cluster/service-state'
import type { Service } from '../config/cluster'
import { type Advice, right, type Verdict, wrong } from './check'
import type { Examined } from './examined'

/** What was seen of one service. */
export interface ServiceLook {
  service: Service
  outcome: Outcome
  /** Who answers in its place, or on which port it is; null where it is well, or nothing was found. */
  elsewhere: Elsewhere | null
  /** Its head after the examination; null where that could not be examined. */
  host: Examined | null
}

/** Whether a service answers as it is declared, and if not, what to correct. */
export function serviceCheck(look: ServiceLook): Verdict {
  const { service, outcome } = look
  if (service.port === 0) return containerVerdict(look)
  if (answersWell(outcome)) return right('answers', `answers on port ${service.port}${state(outcome)}`)
  if (look.elsewhere) return wrong('answers', ...misplaced(service, look.elsewhere))
  if (outcome.kind === 'answered')
    return wrong(
      'answers',
      outcome.finding.cause ?? `is ${outcome.finding.state}`,
      outcome.finding.remedy ?? 'look at its log',
    )
  const container = containerState(look)
  // A model server without a model is no fault: nobody has chosen one.
  if (service.kind === 'vllm' && outcome.kind === 'refused' && look.host !== null && container === null)
    return right('answers', 'no model is loaded; choose one on the page')
  const text = `${words(outcome, service)}${container ? `; its container is ${container}` : ''}`
  return wrong('answers', text, ...remedy(look, container))
}

/** Does the answer need no further look? */
export function answersWell(outcome: Outcome): boolean {
  return outcome.kind === 'answered' && ['up', 'busy', 'starting'].includes(outcome.finding.state)
}

function state(outcome: Outcome): string {
  return outcome.kind === 'answered' && outcome.finding.state !== 'up' ? ` (${outcome.finding.state})` : ''
}

function misplaced({ id, port }: Service, found: Elsewhere): [text: string, remedy: string] {
  return found.kind === 'other_port'
    ? [`does not answer on port ${port}, but on ${found.port}`, `write port: ${found.port} under services.${id}`]
    : [
        `port ${port} is answered by ${found.title}`,
        `correct services.${id}.port in spark.config.yaml, or move ${found.title} to another port`,
      ]
}

function words(outcome: Outcome, { port }: Service): string {
  const nothing = `nothing listens on port ${port}`
  if (outcome.kind === 'refused') return nothing
  if (outcome.kind === 'timeout') return `port ${port} does not answer in time`
  if (outcome.kind === 'broken') return `port ${port} answers, but not as expected (${outcome.detail.slice(0, 100)})`
  return `port ${port} cannot be reached`
}

function remedy({ service: { id, kind, container }, host }: ServiceLook, state: string | null): Advice {
  if (host === null) return silentHost
  if (kind === 'vllm') return ['load a model anew on the page: its engine has ended']
  if (container && state && state !== 'running') return started(container)
  return [`start it, or correct services.${id}.port in spark.config.yaml`]
}

function containerVerdict(look: ServiceLook): Verdict {
  const { id, container } = look.service
  if (look.host === null) return wrong('answers', 'its container could not be looked at', ...silentHost)
  const state = containerState(look)
  if (state === 'running') return right('answers', 'its container runs')
  if (container === null) return wrong('answers', 'has no container', `name it in services.${id}.container`)
  return wrong('answers', state ? `its container is ${state}` : 'its container is not there', ...started(container))
}

const started = (container: string): Advice => ['run there', `docker start ${container}`]
const silentHost: Advice = ['mend what is wrong with its Spark first']

/** docker's word for its container: running, exited, …; null where there is none, or docker could not be asked. */
function containerState({ service: { container }, host }: ServiceLook): string | null {
  const row = host?.answers.all('container').find((each) => each.split('|')[0] === container)
  return row?.split('|')[1] ?? null
}
