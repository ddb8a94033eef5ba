// `mkdir` is the lock: a second start of the same work only attaches. The first line of the input is a token for the work's
// environment alone, so that no argument list ever holds it. What the work will have to write on a disk that its own tool may
// fill takes its place now: `pid.new` is written over in place, and `ballast` makes room for the exit code.
const starter = `
all="$HOME/.spark-control/transfers" name=$1 subject=$2 work=$3; shift 3
job="$all/$name" boot=/proc/sys/kernel/random/boot_id
IFS= read -r token || :
prepare() {
  LC_ALL=C; export LC_ALL
  mkdir -p "$all" || return
  [ ! -d "$job" ] || return 3
  mkdir -m 700 "$job" || { [ -d "$job" ] && return 3; return 1; }
  { [ ! -r "$boot" ] || cat "$boot" >"$job/boot_id"; } && echo "$subject" >"$job/subject" &&
    head -c 65536 /dev/urandom >"$job/ballast" && echo '-       ' >"$job/pid.new" && return
  rm -rf "$job"
  return 1
}
(prepare); code=$?
[ "$code" != 3 ] || { echo attached; exit 0; }
[ "$code" = 0 ] || exit 1
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

// Whoever renames `pid.new` first decides: the work that it begins, or a cancel that it never does.
const work = `
job=$1; shift
mv "$job/pid.new" "$job/pid" 2>/dev/null && echo $$ 1<>"$job/pid" || exit
"$@"; code=$?
rm -f "$job/ballast"
until [ ! -d "$job" ] || { echo "$code" >"$job/rc.tmp" && mv "$job/rc.tmp" "$job/rc"; }; do sleep 2; done 2>/dev/null
`

const reader = `
job="$HOME/.spark-control/transfers/$1"
[ -d "$job" ] || exit 3
life=lost pid= free=
[ "$(cat "$job/boot_id" 2>/dev/null)" = "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" ] && {
  read -r pid 2>/dev/null <"$job/pid"
  case $pid in '' | -) life=new ;; *) kill -0 "$pid" 2>/dev/null && life=alive ;; esac
}
# Asked after the life, or an end in between would look like a loss.
rc=$(cat "$job/rc" 2>/dev/null)
[ -z "$rc" ] && [ "$life" = alive ] || free=$(df -kP "$job" 2>/dev/null | tail -n 1)
printf '%s %s %s\\n' "\${rc:--}" "$life" "$free"
tail -c "+$2" "$job/log" 2>/dev/null | head -c 65536
`

const counter = `
n=0
while [ -d "$HOME/.spark-control/transfers/$1.$((n + 1)).$2" ]; do n=$((n + 1)); done
echo "$n"
`

// dash's kill takes no `--` before a group. $1: a job, of which all is ended; or '' and $2 the subject, of which all is
// ended and cleared that belongs to another job than $3.
const killer = `
cd "$HOME/.spark-control/transfers" 2>/dev/null || exit 0
end() {
  job=$1 pid= n=0
  [ ! -e "$job/rc" ] || return 0
  if ! mv "$job/pid.new" "$job/stopped" 2>/dev/null; then
    while read -r pid 2>/dev/null <"$job/pid" && [ "$pid" = - ] && [ "$n" -lt 25 ]; do sleep 0.2; n=$((n + 1)); done
  fi
  case $pid in
  '' | -) ;;
  *)
    [ ! -d "/proc/$pid" ] || grep -qs spark-control-job "/proc/$pid/cmdline" || return 0
    kill -TERM "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null
    n=0
    while { kill -0 "-$pid" || kill -0 "$pid"; } 2>/dev/null && [ "$n" -lt 25 ]; do sleep 0.2; n=$((n + 1)); done
    kill -KILL "-$pid" 2>/dev/null
    ;;
  esac
  rm -f "$job/ballast"
  [ -e "$job/rc" ] || echo 143 >"$job/rc"
}
if [ -n "$1" ]; then
  for each in "$1".*; do [ ! -d "$each" ] || end "$each"; done
else
  for each in *.*; do
    case $each in "$3".*) continue ;; esac
    [ "$(cat "$each/subject" 2>/dev/null)" = "$2" ] || continue
    [ -e "$each/rc" ] || echo "$each"
    end "$each"
    rm -rf "./$each"
  done
fi
exit 0
`

const cleaner = `
cd "$HOME/.spark-control/transfers" 2>/dev/null || exit 0
for job in "$1".*; do rm -rf "./$job"; done
exit 0
`

/** What runs on a Spark to start, read, count, end and clear detached work, as POSIX shell; their arguments are positional. */
export const detachedScripts = { starter, work, reader, counter, killer, cleaner }
