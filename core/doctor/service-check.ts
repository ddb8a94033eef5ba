import { asker, type Outcome, type Probe, runProbe } from '../cluster/probe'
import type { Service } from '../config/cluster'
import { type Recognised, recognise } from '../discovery/recognise'
import { type Advice, right, type Verdict, wrong } from './check'
import type { Examined } from './examined'

/** Asks one service over HTTP, and where it does not answer as declared, looks who has its port. */
export async function serviceCheck(
  service: Service,
  probe: Probe,
  address: string,
  host: Examined | null,
): Promise<Verdict> {
  if (service.port === 0) return containerVerdict(service, host)
  const outcome = await runProbe(probe, address, service)
  const answers = outcome.kind === 'answered' && outcome.finding.state !== 'down'
  const other = answers || outcome.kind === 'refused' ? null : await recognise(asker(address, service.port, 1500))
  return verdictOf(service, outcome, other, host)
}

function verdictOf(service: Service, outcome: Outcome, other: Recognised | null, host: Examined | null): Verdict {
  const { id, port } = service
  if (outcome.kind === 'answered' && ['up', 'busy', 'starting'].includes(outcome.finding.state))
    return right(
      'answers',
      `answers on port ${port}${outcome.finding.state === 'up' ? '' : ` (${outcome.finding.state})`}`,
    )
  if (other && !isMeant(service, other))
    return wrong(
      'answers',
      `port ${port} is answered by ${other.title}`,
      `correct services.${id}.port or kind in spark.config.yaml, or move ${other.title} to another port`,
    )
  if (outcome.kind === 'answered')
    return wrong(
      'answers',
      outcome.finding.cause ?? `is ${outcome.finding.state}`,
      outcome.finding.remedy ?? 'look at its log',
    )
  const state = containerState(service, host)
  if (outcome.kind === 'refused') {
    const holder = portHolder(service, host)
    if (holder)
      return wrong(
        'answers',
        `nothing of ${id} is on port ${port}, but its container publishes ${holder}`,
        `write port: ${holder} under services.${id}`,
      )
  }
  return wrong(
    'answers',
    `${words(outcome, port)}${state ? `; its container is ${state}` : ''}`,
    ...remedy(service, state),
  )
}

function words(outcome: Outcome, port: number): string {
  if (outcome.kind === 'refused') return `nothing listens on port ${port}`
  if (outcome.kind === 'timeout') return `port ${port} opens, but does not answer in time`
  if (outcome.kind === 'broken') return `port ${port} answers, but not as expected (${outcome.detail.slice(0, 100)})`
  return `port ${port} cannot be reached`
}

function remedy({ id, kind, container }: Service, state: string | null): Advice {
  if (kind === 'vllm') return ['swap to a model, if none is meant to run']
  if (container && state && state !== 'running') return started(container)
  return [`start it, or correct services.${id}.port in spark.config.yaml`]
}

function containerVerdict(service: Service, host: Examined | null): Verdict {
  const state = containerState(service, host)
  if (state === 'running') return right('answers', 'its container runs')
  return wrong(
    'answers',
    state ? `its container is ${state}` : 'its container was not seen',
    ...(service.container === null ? unnamed(service) : started(service.container)),
  )
}

const started = (container: string): Advice => ['run there', `docker start ${container}`]
const unnamed = ({ id }: Service): Advice => [`name its container in services.${id}`]

/** docker's word for its container: running, exited, …; null where there is none, or docker could not be asked. */
function containerState({ container }: Service, host: Examined | null): string | null {
  const row = host?.answers.all('container').find((each) => each.split('|')[0] === container)
  return row?.split('|')[1] ?? null
}

/** The port that its container publishes instead. */
function portHolder({ container, port }: Service, host: Examined | null): number | null {
  const row = host?.answers.all('container').find((each) => each.split('|')[0] === container)
  const published = [...(row?.split('|')[3] ?? '').matchAll(/:(\d+)->/g)].map(([, found]) => Number(found))
  return published.find((each) => each !== port) ?? null
}

/** An engine that the service may well be: a slow or failing probe is then the better story. */
function isMeant(service: Service, other: Recognised): boolean {
  return (
    other.kind === service.kind || other.engine === service.kind || service.kind === 'http' || service.kind === 'openai'
  )
}
