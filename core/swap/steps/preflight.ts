import { part } from '../../launchers/at-home'
import { launchHosts } from '../../launchers/container'
import type { LaunchOrder, Requirement } from '../../launchers/launcher'
import { launcherOf } from '../../launchers/launchers'
import { reachable } from './reachable'
import { failed, hostOf, type StepContext, type SwapHost } from './step'
import { together } from './together'

/** What a host said to one requirement. */
export interface Answer {
  /** Exit code. */
  code: number
  /** The first line it printed. */
  said: string
}

// Each question is its count of words, then the words; each answer a line.
const script = `${part}
line='
'
while [ "$#" -gt 0 ]; do
  count=$1; shift
  said=$(part 0 "$count" "$count" "$@" </dev/null 2>/dev/null); code=$?
  printf '%s %s\\n' "$code" "\${said%%"$line"*}"
  shift "$count"
done
`

// Nothing was touched yet: a Spark that is away is no reason to wait long.
const patienceS = 20

/** Looks on every host of a launch, before anything is stopped, whether it can work there. @throws {StepError} */
export async function preflight(order: LaunchOrder, context: StepContext): Promise<void> {
  const launcher = launcherOf(order.recipe)
  const refusal = launcher.refusal(order)
  if (refusal) throw unready(refusal)
  const places = launchHosts(order.recipe, order.service)
  const looks = await together(places, context, async (host, own) => {
    const live = hostOf(own.hosts, host.id)
    const requirements = launcher.requirements(order, host, host === places[0])
    const answers = await reachable(live, () => ask(live, requirements, own.signal), own, { patienceS })
    return requirements.map((requirement, at) => ({ requirement, answer: answers[at] ?? null }))
  })
  const problem = unmet(looks)
  if (problem) throw unready(problem)
}

export interface Asked {
  requirement: Requirement
  /** Null: it said nothing of it. */
  answer: Answer | null
}

/** The first problem of a launch, told by what its hosts said, the head first; null where there is none. */
export function unmet(asked: Asked[][]): string | null {
  const [head = []] = asked
  const no = asked.flat().find(({ answer }) => answer?.code !== 0)
  if (no) return no.requirement.problem
  const other = asked
    .slice(1)
    .flatMap((each) => each.map(({ requirement, answer }, at) => ({ requirement, answer, first: head[at]?.answer })))
    .find(({ requirement, answer, first }) => requirement.differs && answer?.said !== first?.said)
  return other?.requirement.differs ?? null
}

async function ask(live: SwapHost, requirements: Requirement[], signal: AbortSignal): Promise<Answer[]> {
  const words = requirements.flatMap(({ argv }) => [String(argv.length), ...argv])
  const { stdout } = await live.run(['sh', '-c', script, 'spark-control-preflight', ...words], { signal })
  return stdout.split('\n').flatMap((line) => {
    const [, code, said = ''] = /^(\d+) (.*)$/.exec(line) ?? []
    return code === undefined ? [] : [{ code: Number(code), said }]
  })
}

function unready(problem: string) {
  const [message = problem, ...remedy] = problem.split('; ')
  return failed('preflight_failed', message, remedy.join('; '))
}
