import { part } from '../../launchers/at-home'

// What a process is known by besides its number, which another may have later: when it started, field 22 of its stat, the
// 20th after the name. Where there is no /proc, `ps` tells it. One that has ended and was not reaped does not count.
const startOf = `
start_of() {
  if [ -d /proc/self ]; then
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return
    set -- \${stat##*) }
    [ "$1" = Z ] || echo "\${20}"
  else ps -o lstart= -p "$1" 2>/dev/null; fi
}
`

// How the wrapper of a launch stands, by its directory: `new` before it has begun, `restarted` where its Spark has since.
const standing = `${startOf}
standing() {
  if [ -e "$1/boot_id" ] && [ "$(cat "$1/boot_id")" != "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" ]; then echo restarted
  elif ! { read -r pid start <"$1/pid"; } 2>/dev/null; then echo new
  elif [ -n "$start" ] && [ "$(start_of "$pid")" = "$start" ]; then echo alive
  else echo gone; fi
}
`

// dash takes no `--` before a group. The launcher may be in the midst of starting containers: it ends first, or they would
// come up after they were stopped. A killed wrapper leaves no exit code, so it is written here.
const ending = `${standing}
end_launch() {
  [ -e "$1/rc" ] || echo ended >"$1/done"
  [ "$(standing "$1")" = alive ] && [ ! -e "$1/rc" ] || return
  read -r pid start <"$1/pid"
  kill -TERM "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null
  n=0
  while { kill -0 "-$pid" || kill -0 "$pid"; } 2>/dev/null && [ "$n" -lt 25 ]; do sleep 0.2; n=$((n + 1)); done
  kill -KILL "-$pid" 2>/dev/null
  [ -e "$1/rc" ] || { echo 137 >"$1/rc.tmp" && mv "$1/rc.tmp" "$1/rc"; }
}
`

// One directory a launch on the Spark. Each start fills one of its own, and its wrapper renames it: only one gets through, with
// its pid inside, however long another stalls. The others attach.
// The work runs in its own session with its output in a file: it outlives this connection, and nothing printed can end it.
// The words of the launch come by standard input and stay in a file: among the wrapper's arguments `pgrep -f` would find
// them and never say that the engine is gone. They count only when they came to their end.
/** `LAUNCH WRAPPER FENCE`; prints `started` or `attached`. */
export const starter = `
job="$HOME/.spark-control/jobs/$1"
words=$(cat)
case $words in *"
#whole") ;; *) exit 1 ;; esac
if [ -e "$job/pid" ]; then echo attached; exit 0; fi
own="$job.$$.new"
rm -rf "$own"
mkdir -p "$own" || exit 1
cat /proc/sys/kernel/random/boot_id >"$own/boot_id" 2>/dev/null
printf '%s\\n' "$words" >"$own/words" || exit 1
work=$2
# An abort of this start must not find the launch by the mark it inherited.
unset SPARK_CONTROL_RUN
if command -v setsid >/dev/null 2>&1; then
  setsid sh -c "$work" spark-control-job "$job" "$3" "$own" </dev/null >"$own/log" 2>&1 &
else
  nohup sh -c "$work" spark-control-job "$job" "$3" "$own" </dev/null >"$own/log" 2>&1 &
fi
n=0
while [ ! -e "$job/pid" ] && [ -d "$own" ] && [ "$n" -lt 150 ]; do sleep 0.1; n=$((n + 1)); done
[ -e "$job/pid" ] || { echo 'it does not begin' >&2; exit 1; }
echo started
`

/** Exit codes of a launch that are the wrapper's own: its model was loaded, its engine is gone, a higher fence stands. */
export const wrapperCodes = { finished: 0, engineGone: 70, superseded: 76 } as const

// Runs the start, keeps the engine's log and watches that the engine lives: it may end without anything else noticing.
// Ends by itself once the controller puts `done` there, or another puts up a higher fence: whoever did ends what runs.
// After seven counts and names come the words of all four commands.
export const wrapper = `${part}${startOf}
job=$1 fence=$2 own=$3
began=$(start_of "$$")
echo "$$ $began" >"$own/pid" && perl -e 'exit !rename shift, shift' "$own" "$job" || { rm -rf "$own"; exit 0; }
end() { echo "$1" >"$job/rc.tmp"; mv "$job/rc.tmp" "$job/rc"; exit 0; }
follower=
unfollow() { [ -z "$follower" ] || kill "$follower" 2>/dev/null; }
superseded() { { read -r stands _ <"$HOME/.spark-control/fence"; } 2>/dev/null && [ "$stands" -gt "$fence" ]; }
ended() { unfollow; ! superseded || end ${wrapperCodes.superseded}; end 143; }
trap ended TERM INT HUP
# A start may take minutes.
guard() {
  while sleep 1 && [ "$(start_of "$$")" = "$began" ]; do
    ! superseded || { kill -TERM "-$$" 2>/dev/null || kill -TERM "$$"; return; }
  done
}
. "$job/words"; rm -f "$job/words"
dir=$1 starts=$2 homes=$3 logs=$4 first=$5 lives=$6 verdicts=$7; shift 7
follow() {
  [ "$logs" -eq 0 ] && return
  part "$starts" "$logs" "$logs" "$@" &
  follower=$!
}
case $dir in "~/"*) dir="$HOME/\${dir#"~/"}" ;; esac
PATH="$HOME/.local/bin:$PATH"; export PATH
cd "\${dir:-$HOME}" || end 127
[ ! -e "$job/done" ] || end 130
! superseded || end ${wrapperCodes.superseded}
[ "$first" = start ] || follow "$@"
guard &
watchdog=$!
( part 0 "$starts" "$homes" "$@" ); code=$?
kill "$watchdog" 2>/dev/null
[ "$code" -eq 0 ] || { unfollow; end "$code"; }
[ "$first" = log ] || follow "$@"
misses=0
while [ -d "$job" ] && [ ! -e "$job/done" ]; do
  sleep 1
  ! superseded || { unfollow; end ${wrapperCodes.superseded}; }
  if ( part $((starts + logs)) "$lives" "$lives" "$@" ) >/dev/null 2>&1; then misses=0; else misses=$((misses + 1)); fi
  [ "$misses" -ge 3 ] || continue
  sleep 1
  unfollow
  [ "$verdicts" -eq 0 ] || ( part $((starts + logs + lives)) "$verdicts" 0 "$@" )
  end ${wrapperCodes.engineGone}
done
unfollow
# What is to end has words in it.
[ ! -s "$job/done" ] || end 143
end ${wrapperCodes.finished}
`

// The process first: one that ends between the two looks has left its exit code.
/** `LAUNCH BYTE`; prints exit code (or `-`) and standing, then the log from that byte on. Ends with 3 where it never started. */
export const reader = `${standing}
job="$HOME/.spark-control/jobs/$1"
[ -d "$job" ] || exit 3
stands=$(standing "$job")
rc=$(cat "$job/rc" 2>/dev/null)
printf '%s %s\\n' "\${rc:--}" "$stands"
tail -c "+$2" "$job/log" 2>/dev/null | head -c 262144
`

/** `LAUNCH`; an empty `done` says that its model is loaded. */
export const finisher = `
job="$HOME/.spark-control/jobs/$1"
[ -d "$job" ] && : >"$job/done"
cd "$HOME/.spark-control/jobs" 2>/dev/null && ls -1t | tail -n +21 | while read -r old; do rm -rf "./$old"; done
exit 0
`

/** `LAUNCH` */
export const killer = `${ending}
job="$HOME/.spark-control/jobs/$1"
[ -d "$job" ] && end_launch "$job"
exit 0
`

/** `JOB`; ends what other jobs left and prints the id of each that lived. What is loaded is no launch any more. */
export const sweeper = `${ending}
for dir in "$HOME/.spark-control/jobs"/*; do
  id=\${dir##*/}
  case $id in "$1" | "$1"-back-* | *.new) continue ;; esac
  [ -d "$dir" ] && [ ! -e "$dir/rc" ] || continue
  [ ! -e "$dir/done" ] || [ -s "$dir/done" ] || continue
  [ "$(standing "$dir")" != alive ] || echo "$id"
  end_launch "$dir" &
done
wait
exit 0
`
