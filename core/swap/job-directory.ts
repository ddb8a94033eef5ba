import type { LiveHost } from '../cluster/hosts'
import { shellText } from '../cluster/shell'
import { part } from '../launchers/at-home'
import type { LaunchWork } from '../launchers/launcher'

/** How a launch stands on the Spark. */
export interface LaunchState {
  /** New log text since the offset that was asked for. */
  text: string
  /** Where to go on reading. */
  offset: number
  /** Exit code once the launch or its engine ended, else null. */
  exit: number | null
  /** The wrapper's own process is gone without having said how it ended (reboot, kill). */
  lost: boolean
}

// One directory a job on the Spark: `mkdir` is the lock, so that a second start of the same job only attaches. Where nothing
// ran within 3 s, the start was broken off between the two, and is made anew.
// The work runs in its own session with its output in a file: it outlives this connection, and nothing printed can end it.
// The words of the launch come by standard input and stay in a file: among the wrapper's arguments `pgrep -f` would find
// them and never say that the engine is gone. They count only when they came to their end.
const starter = `
job="$HOME/.spark-control/jobs/$1"
words=$(cat)
case $words in *"
#whole") ;; *) exit 1 ;; esac
mkdir -p "$HOME/.spark-control/jobs" || exit 1
if ! mkdir "$job" 2>/dev/null; then
  n=0
  while [ ! -s "$job/pid" ] && [ ! -e "$job/rc" ] && [ "$n" -lt 15 ]; do sleep 0.2; n=$((n + 1)); done
  if [ -s "$job/pid" ] || [ -e "$job/rc" ]; then echo attached; exit 0; fi
  mv "$job" "$job.broken-off" 2>/dev/null || rm -rf "$job"
  mkdir "$job" || { echo attached; exit 0; }
fi
cat /proc/sys/kernel/random/boot_id >"$job/boot_id" 2>/dev/null
printf '%s\\n' "$words" >"$job/words" || exit 1
work=$2
# An abort of this start must not find the launch by the mark it inherited.
unset SPARK_CONTROL_RUN
if command -v setsid >/dev/null 2>&1; then
  setsid sh -c "$work" spark-control-job "$job" </dev/null >"$job/log" 2>&1 &
else
  nohup sh -c "$work" spark-control-job "$job" </dev/null >"$job/log" 2>&1 &
fi
echo started
`

// Runs the start, keeps the engine's log and watches that the engine lives: it may end without anything else noticing.
// Ends by itself once the controller puts `done` there. After seven counts and names come the words of all four commands.
const wrapper = `${part}
job=$1
echo $$ >"$job/pid"
. "$job/words"; rm -f "$job/words"
dir=$1 starts=$2 homes=$3 logs=$4 first=$5 lives=$6 verdicts=$7; shift 7
end() { echo "$1" >"$job/rc.tmp"; mv "$job/rc.tmp" "$job/rc"; exit 0; }
follower=
follow() {
  [ "$logs" -eq 0 ] && return
  part "$starts" "$logs" "$logs" "$@" &
  follower=$!
}
unfollow() { [ -z "$follower" ] || kill "$follower" 2>/dev/null; }
case $dir in "~/"*) dir="$HOME/\${dir#"~/"}" ;; esac
PATH="$HOME/.local/bin:$PATH"; export PATH
cd "\${dir:-$HOME}" || end 127
[ ! -e "$job/done" ] || end 130
[ "$first" = start ] || follow "$@"
( part 0 "$starts" "$homes" "$@" ); code=$?
[ "$code" -eq 0 ] || { unfollow; end "$code"; }
[ "$first" = log ] || follow "$@"
misses=0
while [ ! -e "$job/done" ]; do
  sleep 1
  if ( part $((starts + logs)) "$lives" "$lives" "$@" ) >/dev/null 2>&1; then misses=0; else misses=$((misses + 1)); fi
  [ "$misses" -ge 3 ] || continue
  sleep 1
  unfollow
  [ "$verdicts" -eq 0 ] || ( part $((starts + logs + lives)) "$verdicts" 0 "$@" )
  end 70
done
unfollow
end 0
`

// The process first: one that ends between the two looks has left its exit code.
const reader = `
job="$HOME/.spark-control/jobs/$1"
[ -d "$job" ] || exit 3
alive=gone
pid=$(cat "$job/pid" 2>/dev/null)
[ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && [ "$(cat "$job/boot_id" 2>/dev/null)" = "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" ] && alive=alive
[ -z "$pid" ] && alive=new
rc=$(cat "$job/rc" 2>/dev/null)
printf '%s %s\\n' "\${rc:--}" "$alive"
tail -c "+$2" "$job/log" 2>/dev/null | head -c 262144
`

const finisher = `
job="$HOME/.spark-control/jobs/$1"
[ -d "$job" ] && : >"$job/done"
cd "$HOME/.spark-control/jobs" 2>/dev/null && ls -1t | tail -n +21 | while read -r old; do rm -rf "./$old"; done
exit 0
`

// dash takes no `--` before a group. The launcher may be in the midst of starting containers: it ends first, or they would come up after they were stopped.
const killer = `
job="$HOME/.spark-control/jobs/$1"
[ -d "$job" ] || exit 0
: >"$job/done"
pid=$(cat "$job/pid" 2>/dev/null)
[ -n "$pid" ] && [ ! -e "$job/rc" ] || exit 0
[ ! -d "/proc/$pid" ] || grep -qs spark-control-job "/proc/$pid/cmdline" || exit 0
kill -TERM "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null
n=0
while { kill -0 "-$pid" || kill -0 "$pid"; } 2>/dev/null && [ "$n" -lt 25 ]; do sleep 0.2; n=$((n + 1)); done
kill -KILL "-$pid" 2>/dev/null
exit 0
`

/** Starts a launch detached from SSH, or attaches to it when this job was started before. */
export async function startLaunch(
  live: LiveHost,
  job: string,
  { directory, start, homes, log, logFirst, alive, verdict }: LaunchWork,
  signal?: AbortSignal,
): Promise<void> {
  const counts = [start.length, homes, log.length, logFirst ? 'log' : 'start', alive.length, verdict.length]
  const words = [directory ?? '', ...counts.map(String), ...start, ...log, ...alive, ...verdict]
  const command = ['sh', '-c', starter, 'spark-control-start', job, wrapper]
  const input = `${shellText(['set', '--', ...words])}\n#whole\n`
  const { code, stderr } = await live.run(command, { input, timeoutMs: 20_000, signal })
  if (code !== 0)
    throw new Error(
      `${live.host.id}: the job directory cannot be made (${stderr.trim().slice(0, 200)}); check disk and rights of its home`,
    )
}

/** Reads how a launch stands; null when this job never started there. */
export async function readLaunch(
  live: LiveHost,
  job: string,
  offset: number,
  signal?: AbortSignal,
): Promise<LaunchState | null> {
  const { code, stdout, stdoutBytes } = await live.run(
    ['sh', '-c', reader, 'spark-control-read', job, String(offset + 1)],
    {
      timeoutMs: 10_000,
      signal,
    },
  )
  if (code === 3) return null
  const line = stdout.indexOf('\n')
  const [rc = '-', alive = 'gone'] = stdout.slice(0, line).split(' ')
  const text = stdout.slice(line + 1)
  const exit = /^\d+$/.test(rc) ? Number(rc) : null
  // A log holds bytes, not text: counted otherwise, a half character would move everything that follows.
  return { text, offset: offset + stdoutBytes - line - 1, exit, lost: exit === null && alive === 'gone' }
}

/** Tells the wrapper on the Spark that nobody watches any more. */
export async function finishLaunch(live: LiveHost, job: string): Promise<void> {
  await live.run(['sh', '-c', finisher, 'spark-control-finish', job])
}

/** Ends a launch that is still under way, launcher and all; a launch that has ended is left alone. */
export async function killLaunch(live: LiveHost, job: string): Promise<void> {
  await live.run(['sh', '-c', killer, 'spark-control-kill', job], { timeoutMs: 15_000 })
}
