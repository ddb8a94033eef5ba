import { sleep } from '../../clock'
import { runProbe } from '../../cluster/probe'
import { NotConnectedError } from '../../cluster/remote-commands'
import type { Host, Service } from '../../config/cluster'
import { atHome } from '../../launchers/at-home'
import { containerOf } from '../../launchers/container'
import { type Ending, endings, stateOf } from '../../launchers/endings'
import type { Recipe } from '../../models/recipe'
import { claimFence, fenced } from './fence'
import { servedNow } from './first-token'
import { endLaunches } from './job-directory'
import { reachable } from './reachable'
import { failed, hostOf, type Slot, type StepContext, StepError, type SwapHost } from './step'
import { together } from './together'
import { orLeft, unneededS } from './unneeded'

// What was asked politely may take its time.
const proofTries = 30

/** Everything that may run in one service. */
interface Ended {
  service: Service
  recipes: (Recipe | null)[]
}

/**
 * Ends what runs in each slot on every one of its hosts, and launches that somebody left there. Doing it twice is no harm.
 * @param needed ids of the hosts that must prove it gone; another one that can't is left, and that is logged
 */
export async function stopModel(
  { slots, needed }: { slots: readonly Slot[]; needed: readonly string[] },
  context: StepContext,
): Promise<void> {
  const services = merged(slots)
  const hosts = new Map(services.flatMap(({ service }) => service.hosts.map((host) => [host.id, host])))
  const left = new Set<string>()
  const count = services.reduce((sum, { service }) => sum + service.hosts.length, 0)
  let gone = 0
  const stopped = () => context.report(++gone / count, `stopped on ${gone} of ${count}`)
  const waiting = (name: string) => context.report(gone / count, `waiting for ${name} to end`)
  await together([...hosts.values()], context, async (host, own) => {
    const must = needed.includes(host.id)
    const act = async () => {
      await endOn(host, services, { must, waiting, stopped }, own)
      return host
    }
    if (must) await act()
    else if (!(await orLeft(host.id, act, own))) left.add(host.id)
  })
  for (const { service } of services) if (!left.has(service.hosts[0]?.id ?? '')) await portClosed(service, context)
}

function merged(slots: readonly Slot[]): Ended[] {
  const services = new Map<string, Ended>()
  for (const { service, recipe } of slots) {
    const recipes = services.get(service.id)?.recipes ?? []
    services.set(service.id, { service, recipes: [...recipes, recipe] })
  }
  return [...services.values()]
}

interface EndOptions {
  must: boolean
  waiting(name: string): void
  stopped(): void
}

async function endOn(host: Host, services: Ended[], { must, waiting, stopped }: EndOptions, context: StepContext) {
  const live = hostOf(context.hosts, host.id)
  const patience = must ? {} : { patienceS: unneededS }
  const sweep = async () => {
    // It may have been out of reach when the others took the fence.
    await claimFence(live, context.fence, context.job, { signal: context.signal, waitS: must ? undefined : unneededS })
    return endLaunches(live, context)
  }
  const others = await reachable(live, sweep, context, patience)
  if (others.length > 0) context.log([`ended on ${host.id}, left there under way: ${others.join(', ')}`])
  for (const { service, recipes } of services) {
    if (!service.hosts.some(({ id }) => id === host.id)) continue
    for (const ending of endings(recipes, service, host)) {
      waiting(`${ending.name} on ${host.id}`)
      await end(live, ending, service, patience, context)
    }
    context.observed.gone(host.id, containerOf(service))
    stopped()
  }
}

async function end(
  live: SwapHost,
  { name, stop, patienceS, proof, byHand }: Ending,
  service: Service,
  patience: { patienceS?: number },
  context: StepContext,
): Promise<void> {
  const { clock, signal, fence, job } = context
  const asked = async (command: string[]) => {
    const { argv, input } = atHome(command)
    const act = () => fenced(live, fence, job, argv, { input, timeoutMs: patienceS * 1000, signal })
    await reachable(live, act, context, { ...patience, patient: false }).catch((error) => {
      // Whether it has ended nevertheless, the proof tells.
      if (signal.aborted || error instanceof StepError || error instanceof NotConnectedError) throw error
    })
  }
  for (const command of stop) await asked(command)
  for (let tries = 1; ; tries++) {
    const { argv, input } = atHome(proof.argv)
    const answer = await reachable(live, () => live.run(argv, { input, signal }), context, patience)
    const state = stateOf(proof, answer)
    if (state === 'gone') return
    // A server whose files were removed can be asked no more; what listens nowhere is in nobody's way.
    if (state === 'mute' && (await refuses(live, service, context))) return
    if (state !== 'there') {
      const remedy =
        state === 'mute'
          ? `end what answers on port ${service.port} there (ss -ltnp tells which program it is), then swap again`
          : 'mend that on that Spark, then swap again'
      const message = `whether ${name} on ${live.host.id} has ended cannot be told: ${firstLine(answer.stderr)}`
      throw failed('stop_unproven', message, remedy)
    }
    // What was asked for once may have failed for a reason that has passed.
    if (tries % 10 === 0) await asked(stop.at(-1) ?? [])
    if (tries === proofTries)
      throw failed('not_stopped', `${name} on ${live.host.id} does not end`, `end it there by hand: ${byHand}`)
    await sleep(clock, 500, signal)
    signal.throwIfAborted()
  }
}

async function refuses(live: SwapHost, service: Service, context: StepContext): Promise<boolean> {
  const address = live.address ?? ''
  const ask = context.ask(address, service.port, 3000, context.signal)
  const { kind } = await runProbe(async () => ask('/').then(() => ({ state: 'up' })), address, service, ask)
  return kind === 'refused'
}

async function portClosed(service: Service, { hosts, clock, ask, signal }: StepContext): Promise<void> {
  const address = hostOf(hosts, service.hosts[0]?.id ?? '').address ?? ''
  for (let tries = 0; tries < 20; tries++) {
    if ((await servedNow(ask(address, service.port, 3000, signal))) === null) return
    await sleep(clock, 500, signal)
    signal.throwIfAborted()
  }
  throw failed(
    'port_in_use',
    `port ${service.port} is still answered by something that is not ${containerOf(service)}`,
    'stop it on that Spark: ss -ltnp tells which program it is',
  )
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 200) ?? ''
}
