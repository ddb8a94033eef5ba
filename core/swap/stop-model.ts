import type { LiveHost } from '../cluster/hosts'
import { pause } from '../cluster/pause'
import { whileReachable } from '../cluster/while-reachable'
import type { Service } from '../config/cluster'
import { servedNow } from './first-token'
import { containerOf, proofCommand, stopCommands } from './launch'
import { failed, hostOf, type StepContext } from './step'

/** Ends the service's container on every one of its hosts and proves it gone. Doing it twice is no harm. */
export async function stopModel({ service, hosts, observed, signal, report }: StepContext): Promise<void> {
  const container = containerOf(service)
  let gone = 0
  const ends = service.hosts.map(async ({ id }) => {
    const live = hostOf(hosts, id)
    for (const command of stopCommands(container)) {
      await whileReachable(() => live.run(command, { timeoutMs: 60_000, signal }), signal)
    }
    const { stdout, code, stderr } = await whileReachable(() => live.run(proofCommand(container), { signal }), signal)
    if (code !== 0)
      throw failed(
        'docker_failed',
        `docker on ${id} does not answer: ${firstLine(stderr)}`,
        'check docker on that Spark',
      )
    if (stdout.trim() !== '')
      throw failed(
        'not_stopped',
        `container ${container} on ${id} does not end`,
        `end it there by hand: docker rm -f ${container}`,
      )
    observed.gone(id, container)
    report(++gone / service.hosts.length, `stopped on ${gone} of ${service.hosts.length}`)
  })
  await Promise.all(ends)
  await portClosed(service, hosts, signal)
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
