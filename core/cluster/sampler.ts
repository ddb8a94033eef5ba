import { ownCache } from './asking'

/**
 * The one program that runs on a Spark for as long as the controller is connected. It sleeps until it is asked: each line of
 * its input names sections, and it answers with one frame: `\\x1e<section>`, its text, and `\\x04` at the end. So the pace is
 * the controller's, and when the connection is gone the input ends and so does the program.
 */
const script = `
LC_ALL=C; export LC_ALL
cache=${ownCache}
case $cache in "~/"*) cache="$HOME/\${cache#"~/"}" ;; esac
while [ ! -d "$cache" ] && [ "$cache" != / ]; do cache=$(dirname "$cache"); done
limit=; command -v timeout >/dev/null 2>&1 && limit="timeout 5"
while read -r wanted; do
  for section in $wanted; do
    printf '\\036%s\\n' "$section"
    case $section in
    proc) cat /proc/meminfo /proc/loadavg /proc/uptime /proc/sys/kernel/random/boot_id /proc/stat /proc/net/dev /proc/pressure/memory /sys/class/thermal/thermal_zone*/temp 2>/dev/null ;;
    processes) $limit nvidia-smi --query-compute-apps=pid,process_name,used_gpu_memory --format=csv,noheader,nounits 2>/dev/null || echo failed ;;
    disk) $limit df -kP "$cache" 2>/dev/null ;;
    addresses) $limit ip -o -4 addr show 2>/dev/null ;;
    clock) date +%s.%N ;;
    kernel)
      cat /proc/vmstat 2>/dev/null
      echo
      { $limit dmesg 2>/dev/null || $limit journalctl -kqn 500 -o short-monotonic --no-pager 2>/dev/null || echo unreadable; } | grep -E 'NVRM: Xid|Out of memory|oom-kill|NV_ERR_NO_MEMORY|^unreadable' | tail -n 5 ;;
    esac
  done
  printf '\\004\\n' || exit 0
done
`

export type Section = 'proc' | 'processes' | 'disk' | 'addresses' | 'clock' | 'kernel'

// What starts programs is asked seldom: on a Spark each nvidia-smi costs some 30 ms of a core.
const everySeconds: [Section, number][] = [
  ['proc', 1],
  ['processes', 15],
  ['disk', 15],
  ['addresses', 60],
  ['clock', 60],
  ['kernel', 60],
]

/** Which sections the frame of this second holds; all at second 0. */
export function sectionsAt(second: number): Section[] {
  return everySeconds.filter(([, every]) => second % every === 0).map(([section]) => section)
}

/** The disk it tells is that of the login's own models, or of the nearest folder above that is there. */
export function samplerCommand(): string[] {
  return ['sh', '-c', script, 'spark-control-sampler']
}

/** The GPU's figures, a line every two seconds by one program that stays: starting it costs more than all it does. */
export function gpuCommand(): string[] {
  const fields = [
    'name',
    'driver_version',
    'utilization.gpu',
    'temperature.gpu',
    'power.draw',
    'clocks.current.sm',
    'clocks_throttle_reasons.active',
  ]
  return ['nvidia-smi', `--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits', '-l', '2']
}
