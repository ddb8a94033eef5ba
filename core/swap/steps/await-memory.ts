import { sleep } from '../../clock'
import { gib } from '../../cluster/gib'
import { launchHosts } from '../../launchers/container'
import { memoryShare } from '../../launchers/engine-command'
import type { LaunchOrder } from '../../launchers/launcher'
import { again } from './again'
import { linkedTime, reachable } from './reachable'
import { failed, hostOf, type StepContext, type SwapHost, type SwapLimits } from './step'
import { together } from './together'

/** Waits until every host of the launch has the memory it will take: freed memory lingers on a GB10. */
export async function awaitMemory(order: LaunchOrder, context: StepContext, limits: SwapLimits): Promise<void> {
  const hosts = launchHosts(order.recipe, order.service)
  await together(hosts, context, ({ id }, own) => memoryBack(hostOf(own.hosts, id), order, own, limits))
}

async function memoryBack(live: SwapHost, order: LaunchOrder, context: StepContext, limits: SwapLimits): Promise<void> {
  const { clock, signal, report } = context
  const { id } = live.host
  const share = memoryShare(order)
  const time = linkedTime(clock)
  const until = time.now() + limits.memoryS * 1000
  for (let first: number | null = null; ; ) {
    const look = () => live.run(['cat', '/proc/meminfo'], { signal })
    const ask = () => reachable(live, look, context, { patienceS: limits.linkS, time })
    const { stdout } = await again(ask, (answer) => answer.stdout.includes('MemTotal'), context)
    const { total, available } = memoryIn(stdout, id)
    const needs = order.memory[id]?.free ?? share * total
    first ??= available
    const enough = available >= needs
    const told = `${gib(available)} free on ${id}, ${gib(needs)} needed`
    report(enough ? 0 : (available - first) / (needs - first), told)
    if (enough) return
    if (time.now() > until) {
      throw failed(
        'memory_not_released',
        `memory did not come back on ${id}: ${gib(available)} free, ${gib(needs)} needed after ${limits.memoryS} s`,
        'stop what else uses memory there; if nothing does, reboot that Spark',
      )
    }
    await sleep(clock, 500, signal)
    signal.throwIfAborted()
  }
}

function memoryIn(meminfo: string, id: string): { total: number; available: number } {
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(meminfo)?.[1] ?? 0) * 1024
  const total = kib('MemTotal')
  if (total === 0) throw failed('memory_unknown', `${id} does not tell its memory`, 'look at /proc/meminfo there')
  return { total, available: kib('MemAvailable') }
}
