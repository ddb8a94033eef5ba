import type { LiveHost } from '../../cluster/hosts'

/** How detached work stands on the Spark. */
export interface DetachedState {
  /** New log text since the offset that was asked for. */
  text: string
  /** Where to go on reading. */
  offset: number
  /** Exit code once it ended, else null. */
  exit: number | null
  /** `lost`: its process is gone without having said how it ended (reboot, kill); `new`: it has not begun yet. */
  life: 'alive' | 'lost' | 'new'
}

// `mkdir` is the lock: a second start of the same work only attaches. The first line of the input is a token for the work's
// environment alone, so that no argument list ever holds it.
const starter = `
job="$HOME/.spark-control/transfers/$1" work=$2; shift 2
IFS= read -r token || :
mkdir -p "$HOME/.spark-control/transfers" || exit 1
mkdir -m 700 "$job" 2>/dev/null || { [ -d "$job" ] && echo attached && exit 0; exit 1; }
cat /proc/sys/kernel/random/boot_id >"$job/boot_id" 2>/dev/null
# An abort of this start must not find the work by the mark it inherited.
unset SPARK_CONTROL_RUN
[ -z "$token" ] || { HF_TOKEN=$token; export HF_TOKEN; }
if command -v setsid >/dev/null 2>&1; then
  setsid sh -c "$work" spark-control-job "$job" "$@" </dev/null >"$job/log" 2>&1 &
else
  nohup sh -c "$work" spark-control-job "$job" "$@" </dev/null >"$job/log" 2>&1 &
fi
echo started
`

const work = `
job=$1; shift
echo $$ >"$job/pid"
"$@"; code=$?
echo "$code" >"$job/rc.tmp"; mv "$job/rc.tmp" "$job/rc"
`

const reader = `
job="$HOME/.spark-control/transfers/$1"
[ -d "$job" ] || exit 3
life=lost
pid=$(cat "$job/pid" 2>/dev/null)
[ "$(cat "$job/boot_id" 2>/dev/null)" = "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" ] && {
  [ -n "$pid" ] || life=new
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && life=alive
}
# Asked after the life, or an end in between would look like a loss.
rc=$(cat "$job/rc" 2>/dev/null)
printf '%s %s\\n' "\${rc:--}" "$life"
tail -c "+$2" "$job/log" 2>/dev/null | head -c 65536
`

const counter = `
n=0
while [ -d "$HOME/.spark-control/transfers/$1.$((n + 1)).$2" ]; do n=$((n + 1)); done
echo "$n"
`

// dash's kill takes no \`--\` before a group.
const killer = `
cd "$HOME/.spark-control/transfers" 2>/dev/null || exit 0
for job in "$1".*; do
  pid=$(cat "$job/pid" 2>/dev/null)
  [ -n "$pid" ] && [ ! -e "$job/rc" ] || continue
  [ ! -d "/proc/$pid" ] || grep -qs spark-control-job "/proc/$pid/cmdline" || continue
  kill -TERM "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null
  n=0
  while { kill -0 "-$pid" || kill -0 "$pid"; } 2>/dev/null && [ "$n" -lt 25 ]; do sleep 0.2; n=$((n + 1)); done
  kill -KILL "-$pid" 2>/dev/null
  [ -e "$job/rc" ] || echo 143 >"$job/rc"
done
exit 0
`

const cleaner = `
cd "$HOME/.spark-control/transfers" 2>/dev/null || exit 0
for job in "$1".*; do rm -rf "./$job"; done
exit 0
`

/** Names the n-th try of one step of a job. */
export function attemptName(job: string, step: string, n: number): string {
  return `${job}.${n}.${step}`
}

/** How many tries of a step were ever begun there. */
export async function attemptsBegun(live: LiveHost, job: string, step: string, signal?: AbortSignal): Promise<number> {
  const { stdout } = await live.run(['sh', '-c', counter, 'spark-control-count', job, step], { signal })
  return Number(stdout.trim()) || 0
}

/**
 * Starts work that outlives this connection, in a session of its own, or attaches to it when it was started before.
 * @param token goes by the input into its environment as HF_TOKEN
 * @throws {Error} when its directory can't be made
 */
export async function startDetached(
  live: LiveHost,
  name: string,
  argv: readonly string[],
  token: string | null,
  signal?: AbortSignal,
): Promise<void> {
  const command = ['sh', '-c', starter, 'spark-control-start', name, work, ...argv]
  const { code, stderr } = await live.run(command, { input: `${token ?? ''}\n`, timeoutMs: 20_000, signal })
  if (code !== 0)
    throw new Error(
      `${live.host.id}: the job directory cannot be made (${stderr.trim().slice(0, 200)}); check disk and rights of its home`,
    )
}

/** Reads how it stands; null when it was never started there. */
export async function readDetached(
  live: LiveHost,
  name: string,
  offset: number,
  signal?: AbortSignal,
): Promise<DetachedState | null> {
  const command = ['sh', '-c', reader, 'spark-control-read', name, String(offset + 1)]
  const { code, stdout, stdoutBytes } = await live.run(command, { timeoutMs: 10_000, signal })
  if (code === 3) return null
  const line = stdout.indexOf('\n')
  const [rc = '-', life = 'lost'] = stdout.slice(0, line).split(' ')
  return {
    text: stdout.slice(line + 1),
    // A log holds bytes, not text: counted otherwise, a half character would move everything that follows.
    offset: offset + stdoutBytes - line - 1,
    exit: /^\d+$/.test(rc) ? Number(rc) : null,
    life: life === 'alive' || life === 'new' ? life : 'lost',
  }
}

/** Ends all that a job still runs there, whole process groups; what has ended is left alone. */
export async function endDetached(live: LiveHost, job: string, signal?: AbortSignal): Promise<void> {
  await live.run(['sh', '-c', killer, 'spark-control-kill', job], { timeoutMs: 30_000, signal })
}

/** Takes the directories of a job away. */
export async function clearDetached(live: LiveHost, job: string, signal?: AbortSignal): Promise<void> {
  await live.run(['sh', '-c', cleaner, 'spark-control-clear', job], { signal })
}
