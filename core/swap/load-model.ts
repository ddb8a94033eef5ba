import type { LiveHost } from '../cluster/hosts'
import { pause } from '../cluster/pause'
import { whileReachable } from '../cluster/while-reachable'
import { atHome } from '../launchers/at-home'
import type { LaunchOrder } from '../launchers/launcher'
import { launcherOf } from '../launchers/launchers'
import { firstToken, modelOf, servedNow, wrongModel } from './first-token'
import { finishLaunch, readLaunch, startLaunch } from './job-directory'
import { loadFailure } from './load-failure'
import { cleanLines, loadPoint } from './load-log'
import { failed, headOf, type StepContext, StepError, type SwapLimits } from './step'

/** Starts the model on the head, detached; starting the same job again only attaches. */
export async function launchModel(order: LaunchOrder, { job, service, hosts, signal }: StepContext): Promise<void> {
  const head = headOf(service, hosts)
  const launcher = launcherOf(order.recipe)
  await whileReachable(async () => {
    const question = launcher.question(order)
    const said = question ? await answer(head, question, signal) : undefined
    await startLaunch(head, job, launcher.work(order, said), signal)
  }, signal)
}

async function answer(head: LiveHost, question: string[], signal: AbortSignal): Promise<string> {
  const { argv, input } = atHome(question)
  return (await head.run(argv, { input, signal })).stdout
}

/** Follows the log until the engine answers; the file on the Spark is the truth, so a lost link only pauses this. */
export async function followLoad(
  { recipe }: LaunchOrder,
  context: StepContext,
  limits: SwapLimits,
): Promise<{ id: string; root: string }[]> {
  const { job, service, hosts, signal, report, log } = context
  const silenceS = launcherOf(recipe).quiet ? limits.quietS : limits.silenceS
  const head = headOf(service, hosts)
  let offset = 0
  let tail = ''
  let moved = performance.now()
  for (;;) {
    signal.throwIfAborted()
    const served = await servedNow(head.address ?? '', service.port, signal)
    const state = await whileReachable(
      () => readLaunch(head, job, offset, signal),
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
    if (served) {
      context.loaded(cleanLines(tail).join('\n'))
      return served
    }
    if (state.exit !== null) {
      // What a load took before it failed makes the next one's share right.
      context.loaded(cleanLines(tail).join('\n'))
      throw new StepError(loadFailure(cleanLines(tail).join('\n'), state.exit === 70 ? null : state.exit))
    }
    if (state.lost)
      throw failed(
        'host_restarted',
        `the launch on ${head.host.id} was ended from outside`,
        'the Spark may have restarted; look at it, then swap again',
      )
    if (performance.now() - moved > silenceS * 1000) {
      throw failed(
        'stalled',
        `the load of ${recipe.id} stalled: no new log line for ${silenceS} s`,
        'read the last log lines; another image or less memory may help',
      )
    }
    await pause(500, signal)
  }
}

/** Proves that the expected model gives a token. */
export async function proveModel(
  { recipe }: LaunchOrder,
  served: { id: string; root: string }[],
  { service, hosts, signal, job }: StepContext,
): Promise<void> {
  const head = headOf(service, hosts)
  const wrong = wrongModel(served, recipe.repo)
  if (wrong) throw new StepError(wrong)
  const model = modelOf(served, recipe.repo)?.id ?? recipe.repo
  const error = await firstToken(head.address ?? '', service.port, model, recipe.capabilities, signal)
  signal.throwIfAborted()
  if (error) throw new StepError(error)
  await whileReachable(() => finishLaunch(head, job), signal)
}
