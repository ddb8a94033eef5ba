import type { LiveHost } from '../cluster/hosts'
import { pause } from '../cluster/pause'
import { asker, runProbe } from '../cluster/probe'
import { NotConnectedError } from '../cluster/remote-commands'
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
    for (const ending of endings([previous, order?.recipe ?? null], service, host)) {
      report(gone / service.hosts.length, `waiting for ${ending.name} on ${host.id} to end`)
      await end(live, ending, service, signal)
    }
    observed.gone(host.id, containerOf(service))
    report(++gone / service.hosts.length, `stopped on ${gone} of ${service.hosts.length}`)
  })
  await Promise.all(ends)
  await portClosed(service, hosts, signal)
}

async function end(live: LiveHost, ending: Ending, service: Service, signal: AbortSignal): Promise<void> {
  const { name, stop, patienceS, proof, byHand } = ending
  const run = (command: string[], timeoutMs: number) => {
    const { argv, input } = atHome(command)
    return whileReachable(() => live.run(argv, { input, timeoutMs, signal }), signal)
  }
  for (const command of stop) {
    await run(command, patienceS * 1000).catch((error) => {
      // Whether it has ended nevertheless, the proof tells.
      if (signal.aborted || error instanceof NotConnectedError) throw error
    })
  }
  for (let tries = 1; ; tries++) {
    const answer = await run(proof.argv, 15_000)
    const state = stateOf(proof, answer)
    if (state === 'gone') return
    // A server whose files were removed can be asked no more; what listens nowhere is in nobody's way.
    if (state === 'mute' && (await refuses(live, service, signal))) return
    if (state !== 'there') {
      const remedy =
        state === 'mute'
          ? `end what answers on port ${service.port} there (ss -ltnp tells which program it is), then swap again`
          : 'mend that on that Spark, then swap again'
      const message = `whether ${name} on ${live.host.id} has ended cannot be told: ${firstLine(answer.stderr)}`
      throw failed('stop_unproven', message, remedy)
    }
    if (tries === proofTries)
      throw failed('not_stopped', `${name} on ${live.host.id} does not end`, `end it there by hand: ${byHand}`)
    await pause(500, signal)
    signal.throwIfAborted()
  }
}

async function refuses(live: LiveHost, service: Service, signal: AbortSignal): Promise<boolean> {
  const address = live.address ?? ''
  const ask = asker(address, service.port, 3000, signal)
  const { kind } = await runProbe(async () => ask('/').then(() => ({ state: 'up' })), address, service)
  return kind === 'refused'
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
