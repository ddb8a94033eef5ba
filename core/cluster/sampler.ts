/**
 * The one program that runs on a Spark for as long as the controller is connected: prints a frame a second.
 * A frame is sections (`\x1e<name>`, then their text) up to `\x04`. What is dear is asked less often.
 */
const script = `
LC_ALL=C; export LC_ALL
cache=$1
case $cache in "~/"*) cache="$HOME/\${cache#"~/"}" ;; esac
while [ ! -d "$cache" ] && [ "$cache" != / ]; do cache=$(dirname "$cache"); done
limit=; command -v timeout >/dev/null 2>&1 && limit="timeout 5"
n=0
while :; do
  printf '\\036proc\\n'
  cat /proc/meminfo /proc/loadavg /proc/uptime /proc/sys/kernel/random/boot_id 2>/dev/null
  if [ $((n % 2)) -eq 0 ]; then
    printf '\\036containers\\n'
    if $limit docker ps -a --format '{{.Names}}|{{.Image}}|{{.State}}|{{.Status}}' 2>&1; then printf '\\036docker\\nok\\n'; else printf '\\036docker\\nfailed\\n'; fi
    printf '\\036gpu\\n'
    $limit nvidia-smi --query-gpu=name,utilization.gpu,temperature.gpu,power.draw,clocks.current.sm --format=csv,noheader,nounits 2>/dev/null
    printf '\\036processes\\n'
    $limit nvidia-smi --query-compute-apps=pid,process_name,used_gpu_memory --format=csv,noheader,nounits 2>/dev/null
  fi
  if [ $((n % 15)) -eq 0 ]; then
    printf '\\036disk\\n'; df -kP "$cache" 2>/dev/null
    printf '\\036addresses\\n'; ip -o -4 addr show 2>/dev/null
  fi
  printf '\\004\\n' || exit 0
  n=$((n + 1))
  sleep 1
done
`

/** @param cache folder whose disk is told, `~/` allowed; its nearest existing parent is taken */
export function samplerCommand(cache = '~/.cache/huggingface'): string[] {
  return ['sh', '-c', script, 'spark-control-sampler', cache]
}
