import type { LiveHost } from '../cluster/hosts'
import type { Observed } from '../cluster/observed'
import { NotConnectedError } from '../cluster/remote-commands'
import { pause } from '../cluster/watch'
import type { Service } from '../config/cluster'
import type { JobError } from '../jobs/job'
import type { Recipe } from '../models/recipe'
import { firstToken, servedNow, wrongModel } from './first-token'
import { finishLaunch, readLaunch, startLaunch } from './job-directory'
import { launchClusterCommand, launchHosts, proofCommand, stopCommands } from './launch'
import { loadFailure } from './load-failure'
import { cleanLines, loadPoint } from './load-log'
import { utilization } from './plan'

/** A step of the swap could not be done; carries what to tell the person. */
export class StepError extends Error {
  override name = 'StepError'
  constructor(readonly reason: JobError) {
    super(reason.message)
  }
}

export interface StepContext {
  job: string
  service: Service
  hosts: Map<string, LiveHost>
  observed: Observed
  signal: AbortSignal
  /** How far this phase is (0 to 1), and what is happening. */
  report(share: number, detail?: string): void
  log(lines: string[]): void
}

export interface SwapLimits {
  /** Seconds for memory to come back after a stop. */
  memoryS: number
  /** Seconds a load may go on without a new log line. */
  silenceS: number
}

export const swapLimits: SwapLimits = { memoryS: 180, silenceS: 180 }

/** Ends the service's container on every one of its hosts and proves it gone. Doing it twice is no harm. */
export async function stopModel({ service, hosts, observed, signal, report }: StepContext): Promise<void> {
  const container = service.container ?? 'vllm_node'
  let gone = 0
  const ends = service.hosts.map(async ({ id }) => {
    const live = hostOf(hosts, id)
    for (const command of stopCommands(container)) {
      await connected(() => live.run(command, { timeoutMs: 60_000, signal }), signal)
    }
    const { stdout, code, stderr } = await connected(() => live.run(proofCommand(container), { signal }), signal)
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
    if ((await servedNow(address, service.port)) === null) return
    await pause(500, signal)
    signal.throwIfAborted()
  }
  throw failed(
    'port_in_use',
    `port ${service.port} is still answered by something that is not ${service.container}`,
    'stop it on that Spark: ss -ltnp tells which program it is',
  )
}

/** Waits until every host of the launch has the memory the recipe will take: freed memory lingers on a GB10. */
export async function awaitMemory(recipe: Recipe, context: StepContext, limits: SwapLimits): Promise<void> {
  const { service, hosts, signal, report } = context
  const ends = launchHosts(recipe, service).map(async ({ id }) => {
    const live = hostOf(hosts, id)
    const until = performance.now() + limits.memoryS * 1000
    for (let first: number | null = null; ; ) {
      const { total, available } = await memoryOn(live, signal)
      const needs = utilization(recipe) * total
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
  const { stdout } = await connected(() => live.run(['cat', '/proc/meminfo'], { signal }), signal)
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(stdout)?.[1] ?? 0) * 1024
  return { total: kib('MemTotal'), available: kib('MemAvailable') }
}

/** Starts the recipe on the head, detached; starting the same job again only attaches. */
export async function launchModel(recipe: Recipe, { job, service, hosts, signal }: StepContext): Promise<void> {
  const head = headOf(service, hosts)
  const directory = head.host.launcher
  if (!directory)
    throw failed(
      'no_launcher',
      `${head.host.id} has no launcher`,
      `name its folder under hosts.${head.host.id}.launcher`,
    )
  const argv = launchClusterCommand(recipe, service)
  await connected(() => startLaunch(head, job, directory, service.container ?? 'vllm_node', argv), signal)
}

/** Follows the log until the engine answers; the file on the Spark is the truth, so a lost link only pauses this. */
export async function followLoad(
  recipe: Recipe,
  context: StepContext,
  limits: SwapLimits,
): Promise<{ id: string; root: string }[]> {
  const { job, service, hosts, signal, report, log } = context
  const head = headOf(service, hosts)
  let offset = 0
  let tail = ''
  let moved = performance.now()
  for (;;) {
    signal.throwIfAborted()
    const served = await servedNow(head.address ?? '', service.port)
    const state = await connected(
      () => readLaunch(head, job, offset),
      signal,
      () => (moved = performance.now()),
    )
    if (!state)
      throw failed(
        'launch_lost',
        'the launch left no trace on the Spark',
        'look at disk and rights of its home, then swap again',
      )
    if (state.text !== '') {
      moved = performance.now()
      offset = state.offset
      const lines = cleanLines(state.text)
      tail = (tail + state.text).slice(-200_000)
      log(lines.filter((line) => line.trim() !== ''))
      const point = lines.map(loadPoint).findLast((each) => each !== null)
      if (point) report(point.progress, point.words)
    }
    if (served) return served
    if (state.exit !== null)
      throw new StepError(loadFailure(cleanLines(tail).join('\n'), state.exit === 70 ? null : state.exit))
    if (state.lost)
      throw failed(
        'host_restarted',
        `the launch on ${head.host.id} was ended from outside`,
        'the Spark may have restarted; look at it, then swap again',
      )
    if (performance.now() - moved > limits.silenceS * 1000) {
      throw failed(
        'stalled',
        `the load of ${recipe.id} stalled: no new log line for ${limits.silenceS} s`,
        'read the last log lines; another image or less memory may help',
      )
    }
    await pause(500, signal)
  }
}

/** Proves that the expected model gives a token. */
export async function proveModel(
  recipe: Recipe,
  served: { id: string; root: string }[],
  { service, hosts, signal, job }: StepContext,
): Promise<void> {
  const head = headOf(service, hosts)
  const wrong = wrongModel(served, recipe.repo)
  if (wrong) throw new StepError(wrong)
  const model = served.find(({ root, id }) => root === recipe.repo || id === recipe.repo)?.id ?? recipe.repo
  const error = await firstToken(head.address ?? '', service.port, model, recipe.capabilities.includes('embed'))
  signal.throwIfAborted()
  if (error) throw new StepError(error)
  await connected(() => finishLaunch(head, job), signal)
}

/** Lets the launch on the head end, when what it launched was stopped. */
export async function endLaunch({ service, hosts, signal, job }: StepContext): Promise<void> {
  await connected(() => finishLaunch(headOf(service, hosts), job), signal)
}

/** Repeats a remote step while the link is down: losing it says nothing of what runs on the Spark. */
export async function connected<T>(
  act: () => Promise<T>,
  signal: AbortSignal,
  waiting: () => void = () => {},
  patienceS = 600,
): Promise<T> {
  const until = performance.now() + patienceS * 1000
  for (;;) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof NotConnectedError) || performance.now() > until) throw error
      waiting()
      signal.throwIfAborted()
      await pause(300, signal)
    }
  }
}

function headOf(service: Service, hosts: Map<string, LiveHost>): LiveHost {
  return hostOf(hosts, service.hosts[0]?.id ?? '')
}

function hostOf(hosts: Map<string, LiveHost>, id: string): LiveHost {
  const live = hosts.get(id)
  if (!live) throw failed('unknown_host', `${id} is not declared`, 'add it under hosts')
  return live
}

function failed(code: string, message: string, remedy: string): StepError {
  return new StepError({ code, message, remedy })
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 200) ?? ''
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}
