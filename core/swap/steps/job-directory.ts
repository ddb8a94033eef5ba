import type { RunResult } from '../../cluster/remote-commands'
import { shellText } from '../../cluster/shell'
import type { LaunchWork } from '../../launchers/launcher'
import { again } from './again'
import { fenced } from './fence'
import { finisher, killer, reader, starter, sweeper, wrapper } from './job-scripts'
import { reachable } from './reachable'
import { failed, type StepContext, type SwapHost } from './step'

/** How a launch stands on the Spark. */
export interface LaunchState {
  /** New log text since the offset that was asked for. */
  text: string
  /** Where to go on reading. */
  offset: number
  /** Exit code once the launch or its engine ended, else null. */
  exit: number | null
  /** `new`: nothing has run yet; `gone`: ended from outside, without a word if `exit` is null; `restarted`: with its Spark. */
  wrapper: 'new' | 'alive' | 'gone' | 'restarted'
}

/** Whose command it is. */
export type Claim = Pick<StepContext, 'fence' | 'job' | 'signal'>

/** Starts a launch detached from SSH, or attaches to it when it was started before. @throws {SupersededError} */
export async function startLaunch(
  live: SwapHost,
  launch: string,
  { directory, start, homes, log, logFirst, alive, verdict }: LaunchWork,
  { fence, job, signal }: Claim,
): Promise<void> {
  const counts = [start.length, homes, log.length, logFirst ? 'log' : 'start', alive.length, verdict.length]
  const words = [directory ?? '', ...counts.map(String), ...start, ...log, ...alive, ...verdict]
  const command = ['sh', '-c', starter, 'spark-control-start', launch, wrapper, String(fence)]
  const input = `${shellText(['set', '--', ...words])}\n#whole\n`
  const { code, stderr } = await fenced(live, fence, job, command, { input, timeoutMs: 20_000, signal })
  if (code === 0) return
  const said = stderr.trim().slice(0, 200)
  throw failed(
    'job_directory',
    `${live.host.id}: the job directory cannot be made (${said})`,
    'check disk and rights of its home',
  )
}

/** Reads how a launch stands; null when it never started there. */
export async function readLaunch(
  live: SwapHost,
  launch: string,
  offset: number,
  context: Pick<StepContext, 'clock' | 'signal'>,
): Promise<LaunchState | null> {
  const command = ['sh', '-c', reader, 'spark-control-read', launch, String(offset + 1)]
  const read = () => live.run(command, { timeoutMs: 10_000, signal: context.signal })
  const told = (answer: RunResult) => answer.code === 3 || answer.stdout.includes('\n')
  const { code, stdout, stdoutBytes, stderr } = await again(read, told, context)
  if (code === 3) return null
  const line = stdout.indexOf('\n')
  if (line === -1) {
    const said = stderr.trim().slice(0, 200)
    throw failed('launch_unread', `${live.host.id} does not tell how the launch stands (${said})`, 'look at that Spark')
  }
  const [rc = '-', standing = ''] = stdout.slice(0, line).split(' ')
  const text = stdout.slice(line + 1)
  const exit = /^\d+$/.test(rc) ? Number(rc) : null
  const wrapper = standing === 'new' || standing === 'alive' || standing === 'restarted' ? standing : 'gone'
  // A log holds bytes, not text: counted otherwise, a half character would move everything that follows.
  return { text, offset: offset + stdoutBytes - line - 1, exit, wrapper }
}

/** Was it begun there, however it stands now? */
export async function launchThere(live: SwapHost, launch: string, context: StepContext): Promise<boolean> {
  const state = await reachable(live, () => readLaunch(live, launch, 0, context), context)
  return state !== null && (state.wrapper !== 'new' || state.exit !== null)
}

/** Tells the wrapper on the Spark that its model is loaded, and that nobody watches any more. */
export async function finishLaunch(live: SwapHost, launch: string): Promise<void> {
  await live.run(['sh', '-c', finisher, 'spark-control-finish', launch])
}

/** Ends a launch that is still under way, launcher and all; a launch that has ended is left alone. @throws {SupersededError} */
export async function killLaunch(live: SwapHost, launch: string, context: StepContext): Promise<void> {
  const { fence, job, signal } = context
  const command = ['sh', '-c', killer, 'spark-control-kill', launch]
  const act = () => fenced(live, fence, job, command, { timeoutMs: 15_000, signal })
  await again(
    () => reachable(live, act, context),
    ({ code }) => code === 0,
    context,
  )
}

/**
 * Ends every launch of other jobs that is still under way on a host, left there by a controller that was killed or superseded.
 * @returns their ids @throws {SupersededError}
 */
export async function endLaunches(
  live: SwapHost,
  { fence, job, clock, signal }: Claim & Pick<StepContext, 'clock'>,
): Promise<string[]> {
  const command = ['sh', '-c', sweeper, 'spark-control-sweep', job]
  const act = () => fenced(live, fence, job, command, { timeoutMs: 60_000, signal })
  const { stdout } = await again(act, ({ code }) => code === 0, { clock, signal })
  return stdout.split('\n').filter((line) => line !== '')
}
