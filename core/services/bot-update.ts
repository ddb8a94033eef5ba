import type { LiveHost } from '../cluster/hosts'
import { plainText } from '../cluster/plain-text'
import type { RunResult } from '../cluster/remote-commands'
import { whileReachable } from '../cluster/while-reachable'
import { JobFailure, jobFailure } from '../jobs/job-failure'
import type { JobPhase, PhaseContext } from '../jobs/runner'
import type { ActionTarget, ServiceAction } from './action'
import { changeContainer } from './change-container'
import { containerMissing, containerState } from './container-state'
import { containerWorks } from './container-works'
import * as scripts from './git-scripts'
import { gitTrouble, withoutPassword } from './git-trouble'
import { logLine, logLines } from './log-text'

/** A checkout on the Spark and the container that runs it. */
export interface BotOptions {
  folder: string
  branch: string
  container: string
  build: string[] | null
  apply: string[] | null
}

const buildMs = 1_800_000

/** Brings a container to the newest commit of its branch: fetch, compare, merge, build, apply, check. Never sudo. */
export function botUpdate(options: BotOptions): ServiceAction {
  const { container, folder, branch, build } = options
  const built = build ? 'is built anew and ' : ''
  return {
    name: 'update',
    effect: `the newest commits of ${branch} are fetched into ${folder}; if there are any, its container ${container} ${built}is restarted`,
    prepare: async () => ({}),
    phases: (target) => [
      { name: 'fetch', title: 'Ask the git host', run: (context) => fetched(target, options, context) },
      { name: 'compare', title: 'Compare', run: (context) => compared(target, options, context) },
      { name: 'merge', title: 'Take the new commits', run: (context) => merged(target, options, context) },
      ...(build ? [program('build', 'Build', build, target, options)] : []),
      { name: 'apply', title: 'Apply', run: (context) => applied(target, options, context) },
      checked(target, options),
    ],
  }
}

type Step = (target: ActionTarget, options: BotOptions, context: PhaseContext) => Promise<void>

const fetched: Step = async ({ live }, options, { signal }) => {
  await git(live, options, scripts.fetchCommand(options.folder, options.branch), signal)
}

const compared: Step = async ({ live }, options, { signal, log, report, finish }) => {
  const command = scripts.compareCommand(options.folder, options.branch)
  const { stdout } = await git(live, options, command, signal)
  const [branch = '-', head, applied, count = '0', ...subjects] = stdout.trim().split('\n')
  if (branch !== options.branch)
    throw jobFailure(
      'wrong_branch',
      `${options.folder} has ${branch === '-' ? 'no branch' : `the branch ${plainText(branch)}`} checked out, not ${options.branch}`,
      `switch it on ${live.host.id} (git switch ${options.branch}), or correct \`branch\` in spark.config.yaml`,
    )
  if (count === '0' && head === applied) return finish('already up to date')
  log(subjects.map((line) => plainText(line)))
  report(
    1,
    count === '0'
      ? 'the last update was not brought to its end'
      : `${count} new ${count === '1' ? 'commit' : 'commits'}`,
  )
}

const merged: Step = async ({ live }, options, { signal }) => {
  await git(live, options, scripts.mergeCommand(options.folder, options.branch), signal)
}

const applied: Step = async (target, options, context) => {
  if (options.apply) return program('apply', 'Apply', options.apply, target, options).run(context)
  const { live } = target
  const { container } = options
  const { signal } = context
  // Looked at now, not when the update was asked for: a start before the merge has not taken the new commits.
  const before = await whileReachable(() => containerState(live, container, signal), signal, { live })
  if (!before) throw containerMissing(live, container)
  await changeContainer(live, { verb: 'restart', container, startedBefore: before.startedAt, signal })
}

function checked(target: ActionTarget, options: BotOptions): JobPhase {
  const works = containerWorks(options.container, target)
  return {
    ...works,
    async run(context) {
      await works.run(context)
      await git(target.live, options, scripts.appliedCommand(options.folder, options.branch), context.signal)
    },
  }
}

/** A declared program in the checkout; what it prints is the job's log. */
function program(
  name: string,
  title: string,
  argv: string[],
  { live }: ActionTarget,
  { folder }: BotOptions,
): JobPhase {
  return {
    name,
    title,
    async run({ signal, log, report }) {
      report(0, argv.join(' '))
      const limit = AbortSignal.any([signal, AbortSignal.timeout(buildMs)])
      const push = logLines((lines) =>
        log(lines.slice(-50).map((line) => withoutPassword(logLine(line)).slice(0, 1000))),
      )
      const run = () => live.stream(scripts.inFolderCommand(folder, argv), { signal: limit, onData: push })
      const { code } = await whileReachable(run, limit, {
        live,
        waiting: () => report(0, `waiting for ${live.host.id} to be reachable again`),
      })
      if (code === scripts.gitScriptCodes.noFolder) throw noFolder(folder, live)
      if (code !== 0)
        throw jobFailure(
          `${name}_failed`,
          `${argv.join(' ')} ended with exit code ${code}`,
          'its last lines are in the log below',
        )
    },
  }
}

async function git(live: LiveHost, { folder }: BotOptions, command: string[], signal: AbortSignal): Promise<RunResult> {
  const answer = await whileReachable(() => live.run(command, { timeoutMs: 180_000, signal }), signal, { live })
  if (answer.code === 0) return answer
  const { noFolder: missing, noGit } = scripts.gitScriptCodes
  if (answer.code === missing) throw noFolder(folder, live)
  const { user, id } = live.host
  if (answer.code === noGit)
    throw jobFailure('git_missing', `there is no git on ${id}`, 'on that Spark: sudo apt install git')
  const keys = await live.run(scripts.publicKeysCommand(), { signal })
  const publicKeys = keys.stdout.split('\n').filter((line) => /^(ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/=]+( |$)/.test(line))
  throw new JobFailure(gitTrouble(`${answer.stdout}\n${answer.stderr}`, { user, host: id, folder, publicKeys }))
}

function noFolder(folder: string, { host }: LiveHost) {
  return jobFailure(
    'folder_missing',
    `${host.user} can't enter ${folder} on ${host.id}`,
    'clone the repository there as that user, or correct `folder` in spark.config.yaml',
  )
}
