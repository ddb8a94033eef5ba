import type { LiveHost } from '../cluster/hosts'
import { pause } from '../cluster/pause'
import { whileReachable } from '../cluster/while-reachable'
import type { Service } from '../config/cluster'
import { atHome } from '../launchers/at-home'
import { containerOf } from '../launchers/container'
import { type Ending, endings, stateOf } from '../launchers/endings'
import { servedNow } from './first-token'
import { failed, hostOf, type StepContext } from './step'

// What was asked politely may take its time.
const proofTries = 30

/** Ends what runs in the service on every one of its hosts and proves it gone. Doing it twice is no harm. */
export async function stopModel({ order, previous, service, hosts, observed, signal, report }: StepContext) {
  let gone = 0
  const ends = service.hosts.map(async (host) => {
    const live = hostOf(hosts, host.id)
    for (const ending of endings([previous, order?.recipe ?? null], service, host)) await end(live, ending, signal)
    observed.gone(host.id, containerOf(service))
    report(++gone / service.hosts.length, `stopped on ${gone} of ${service.hosts.length}`)
  })
  await Promise.all(ends)
  await portClosed(service, hosts, signal)
}

async function end(live: LiveHost, { name, stop, proof, byHand }: Ending, signal: AbortSignal): Promise<void> {
  const run = (command: string[], timeoutMs: number) => {
    const { argv, input } = atHome(command)
    return whileReachable(() => live.run(argv, { input, timeoutMs, signal }), signal)
  }
  for (const command of stop) {
    await run(command, 60_000)
  }
  for (let tries = 1; ; tries++) {
    const answer = await run(proof.argv, 15_000)
    const state = stateOf(proof, answer)
    if (state === 'unknown') {
      throw failed(
        'stop_unproven',
        `whether ${name} on ${live.host.id} has ended cannot be told: ${firstLine(answer.stderr)}`,
        'mend that on that Spark, then swap again',
      )
    }
    if (state === 'gone') return
    if (tries === proofTries)
      throw failed('not_stopped', `${name} on ${live.host.id} does not end`, `end it there by hand: ${byHand}`)
    await pause(500, signal)
    signal.throwIfAborted()
  }
}

async function portClosed(service: Service, hosts: Map<string, LiveHost>, signal: AbortSignal): Promise<void> {
  const address = hostOf(hosts, service.hosts[0]?.id ?? '').address ?? ''
  for (let tries = 0; tries < 20; tries++) {
    if ((await servedNow(address, service.port, signal)) === null) return
    await pause(500, signal)
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
