import { gib } from '../cluster/gib'
import type { LiveHost } from '../cluster/hosts'
import { pause } from '../cluster/pause'
import { whileReachable } from '../cluster/while-reachable'
import { launchHosts } from '../launchers/container'
import { memoryShare } from '../launchers/engine-command'
import type { LaunchOrder } from '../launchers/launcher'
import { failed, hostOf, type StepContext, type SwapLimits } from './step'

/** Waits until every host of the launch has the memory it will take: freed memory lingers on a GB10. */
export async function awaitMemory(order: LaunchOrder, context: StepContext, limits: SwapLimits): Promise<void> {
  const { service, hosts, signal, report } = context
  const share = memoryShare(order)
  const ends = launchHosts(order.recipe, service).map(async ({ id }) => {
    const live = hostOf(hosts, id)
    const until = performance.now() + limits.memoryS * 1000
    for (let first: number | null = null; ; ) {
      const { total, available } = await memoryOn(live, signal)
      const needs = order.memory[id]?.free ?? share * total
      first ??= available
      const enough = available >= needs
      report(
        enough ? 0 : (available - first) / (needs - first),
        `${gib(available)} free on ${id}, ${gib(needs)} needed`,
      )
      if (enough) return
      if (performance.now() > until) {
        throw failed(
          'memory_not_released',
          `memory did not come back on ${id}: ${gib(available)} free, ${gib(needs)} needed after ${limits.memoryS} s`,
          'stop what else uses memory there; if nothing does, reboot that Spark',
        )
      }
      await pause(500, signal)
      signal.throwIfAborted()
    }
  })
  await Promise.all(ends)
}

async function memoryOn(live: LiveHost, signal: AbortSignal): Promise<{ total: number; available: number }> {
  const { stdout } = await whileReachable(() => live.run(['cat', '/proc/meminfo'], { signal }), signal)
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(stdout)?.[1] ?? 0) * 1024
  const total = kib('MemTotal')
  if (total === 0)
    throw failed('memory_unknown', `${live.host.id} does not tell its memory`, 'look at /proc/meminfo there')
  return { total, available: kib('MemAvailable') }
}
