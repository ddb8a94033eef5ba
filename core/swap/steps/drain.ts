import { sleep } from '../../clock'
import { engineMetrics } from '../../cluster/engine-metrics'
import type { Service } from '../../config/cluster'
import type { Door } from '../../gateway/door'
import type { Slot, StepContext } from './step'

const lookEveryMs = 200
const answerMs = 2000

/**
 * Shuts the door of each service and waits until nobody is inside and its engine says that nothing runs, at most
 * `limitS` seconds; what still runs then is broken off by the stop. The door stays shut.
 */
export async function drain(slots: Slot[], context: StepContext, door: Door, limitS: number): Promise<void> {
  const { clock, signal, report, log } = context
  const services = [...new Map(slots.map(({ service }) => [service.id, service])).values()]
  for (const { id } of services) door.shut(id)
  const began = clock.rising()
  for (;;) {
    const running = await Promise.all(services.map((service) => runningIn(service, context, door)))
    signal.throwIfAborted()
    const total = running.reduce((sum, each) => sum + each, 0)
    if (total === 0) return
    const spent = (clock.rising() - began) / 1000
    if (spent >= limitS) {
      const broken = `${requests(total)} did not finish within ${limitS} s and ${total === 1 ? 'is' : 'are'} broken off`
      report(1, broken)
      log([broken])
      return
    }
    report(spent / limitS, `waiting for ${requests(total)} to finish`)
    await sleep(clock, lookEveryMs, signal)
    signal.throwIfAborted()
  }
}

/** Requests in a service: those that came in here, or as many as its engine tells of, where others call it directly. */
async function runningIn(service: Service, context: StepContext, door: Door): Promise<number> {
  const inside = door.inside(service.id)
  const address = context.hosts.get(service.hosts[0]?.id ?? '')?.address
  if (!address) return inside
  try {
    const { text } = await context.ask(address, service.port, answerMs, context.signal)('/metrics')
    const metrics = engineMetrics(text)
    return Math.max(inside, (metrics?.running ?? 0) + (metrics?.waiting ?? 0))
  } catch {
    // An engine that does not answer has nobody who could finish, but for those who are known here.
    return inside
  }
}

function requests(count: number): string {
  return count === 1 ? '1 request' : `${count} requests`
}
