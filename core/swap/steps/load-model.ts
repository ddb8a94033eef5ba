import { sleep } from '../../clock'
import type { JobError } from '../../jobs/job'
import { atHome } from '../../launchers/at-home'
import type { LaunchOrder } from '../../launchers/launcher'
import { launcherOf } from '../../launchers/launchers'
import { fenceOn, superseded } from './fence'
import { firstToken, modelOf, servedNow, wrongModel } from './first-token'
import { finishLaunch, readLaunch, startLaunch } from './job-directory'
import { wrapperCodes } from './job-scripts'
import { endOf, overdue } from './load-end'
import { cleanLines, loadPoint } from './load-log'
import { linkedTime, reachable } from './reachable'
import { headOf, type StepContext, StepError, type SwapHost, type SwapLimits } from './step'
import { workerFailure } from './worker-logs'
import { workerWatch } from './worker-watch'

/** Starts the model on the head, detached; starting the same launch again only attaches. */
export async function launchModel(order: LaunchOrder, launch: string, context: StepContext): Promise<void> {
  const { hosts, signal } = context
  const head = headOf(order.service, hosts)
  const launcher = launcherOf(order.recipe)
  const start = async () => {
    const question = launcher.question(order)
    const said = question ? await answer(head, question, signal) : undefined
    await startLaunch(head, launch, launcher.work(order, said), context)
  }
  await reachable(head, start, context)
}

async function answer(head: SwapHost, question: string[], signal: AbortSignal): Promise<string> {
  const { argv, input } = atHome(question)
  return (await head.run(argv, { input, signal })).stdout
}

/** Follows the log until the engine answers; the file on the Spark is the truth, so a lost link only pauses this. */
export async function followLoad(
  order: LaunchOrder,
  launch: string,
  context: StepContext,
  limits: SwapLimits,
): Promise<{ id: string; root: string }[]> {
  const { recipe, service } = order
  const { hosts, clock, signal, report, log } = context
  const { loadS } = limits
  const silenceS = launcherOf(recipe).quiet ? limits.quietS : limits.silenceS
  const head = headOf(service, hosts)
  const time = linkedTime(clock)
  const lostWorker = workerWatch(order, context, time)
  const began = time.now()
  let moved = began
  let offset = 0
  let tail = ''
  for (;;) {
    signal.throwIfAborted()
    const look = () => readLaunch(head, launch, offset, context)
    const state = await reachable(head, look, context, { patienceS: limits.linkS, time })
    if (state && state.text !== '') {
      moved = time.now()
      offset = state.offset
      const lines = cleanLines(state.text)
      tail = (tail + state.text).slice(-200_000)
      log(lines.filter((line) => line.trim() !== ''))
      const point = lines.map(loadPoint).findLast((each) => each !== null)
      if (point) report(point.progress, point.words)
    }
    // After the look, which may have waited for the link.
    const served = await servedNow(context.ask(head.address ?? '', service.port, 3000, signal))
    if (served) {
      context.loaded(cleanLines(tail).join('\n'))
      return served
    }
    if (state?.exit === wrapperCodes.superseded) await stillOurs(head, context)
    const end = endOf(state, cleanLines(tail).join('\n'), head.host.id)
    // What a load took before it failed makes the next one's share right.
    if (end && state?.exit) context.loaded(cleanLines(tail).join('\n'))
    // A launcher that fails takes its containers away on every Spark: that is no trace of a cause.
    if (end) throw new StepError(state?.exit === wrapperCodes.engineGone ? await causeOf(end, order, context) : end)
    const lost = lostWorker()
    if (lost) throw lost
    // Once it was loaded nobody asks the launcher's status any more.
    const patience = { silenceS: state?.exit === wrapperCodes.finished ? limits.silenceS : silenceS, loadS }
    const late = overdue(recipe, { still: time.now() - moved, took: time.now() - began }, patience)
    if (late) throw new StepError(await causeOf(late, order, context))
    await sleep(clock, 500, signal)
  }
}

// An engine that went or stands still may have its cause on a worker, whose own log names it.
const vague = ['load_failed', 'engine_failed', 'worker_lost', 'stalled']

async function causeOf(failure: JobError, order: LaunchOrder, context: StepContext): Promise<JobError> {
  const found = vague.includes(failure.code) ? await workerFailure(order, context.hosts, context.signal) : null
  if (!found) return failure
  context.log(found.lines.map((line) => `${found.host}: ${line}`))
  return found.error
}

async function stillOurs(head: SwapHost, context: StepContext): Promise<void> {
  const { fence, signal } = context
  const stands = await reachable(head, () => fenceOn(head, { signal }), context)
  if (stands <= fence) return
  throw superseded(head.host.id, stands)
}

const tokenTries = 5

/** Proves that the expected model gives a token. */
export async function proveModel(
  { recipe, service }: LaunchOrder,
  launch: string,
  served: { id: string; root: string }[],
  context: StepContext,
): Promise<void> {
  const { hosts, signal, ask } = context
  const head = headOf(service, hosts)
  const wrong = wrongModel(served, recipe.repo)
  if (wrong) throw new StepError(wrong)
  const model = modelOf(served, recipe.repo)?.id ?? recipe.repo
  for (let tries = 1; ; tries++) {
    const error = await firstToken(ask(head.address ?? '', service.port, 60_000, signal), model, recipe.capabilities)
    signal.throwIfAborted()
    if (error === null) break
    // A link that blinked says nothing of the model; what it answered does.
    if (error.code !== 'token_broken_off' || tries === tokenTries) throw new StepError(error)
    await sleep(context.clock, 1000, signal)
    await reachable(head, () => head.run(['true'], { signal }), context)
  }
  await reachable(head, () => finishLaunch(head, launch), context)
}
