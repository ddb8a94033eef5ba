import { asking, ownCache } from '../cluster/asking'

/**
 * One round trip: groups of questions at once, each with a limit of its own, answered in lines `name<TAB>value`.
 * Read-only: nothing on the Spark is written, no host key is learned.
 */
const script = `${asking}
dir=$1 fabric=$2 workers=$3
shift 3
case $dir in "~/"*) dir="$HOME/\${dir#"~/"}" ;; esac

machine() {
  say user "$(id -un)"
  say groups "$(id -Gn)"
  say docker-group "$(getent group docker | cut -d : -f 4)"
  say hostname "$(hostname)"
  say boot-id "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
  grep -E '^(MemTotal|MemAvailable):' /proc/meminfo | each memory
  say resident "$(ps -eo rss= 2>/dev/null | awk '{ sum += $1 } END { print sum + 0 }')"
  say linger "$(within 4 loginctl show-user "$(id -un)" -p Linger --value 2>/dev/null)"
  say remove-ipc "$(within 4 busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager RemoveIPC 2>/dev/null)"
  ss -ltnHp 2>/dev/null | each listening
}

fabric() {
  ip -o -4 addr show 2>/dev/null | each address
  ip -o link show 2>/dev/null | each link
  [ -n "$fabric" ] || return
  name=$(ip -o -4 addr show 2>/dev/null | grep -F " $fabric/" | head -n 1 | cut -d ' ' -f 2)
  [ -n "$name" ] && say fabric-speed "$(cat "/sys/class/net/$name/speed" 2>/dev/null)"
  if command -v ibdev2netdev >/dev/null 2>&1; then within 5 ibdev2netdev 2>/dev/null | each infiniband; fi
}

gpu() {
  command -v nvidia-smi >/dev/null 2>&1 || { say gpu-problem missing; return; }
  answer=$(within 6 nvidia-smi --query-gpu=name,driver_version,utilization.gpu,power.draw,clocks.current.sm --format=csv,noheader,nounits 2>&1)
  code=$?
  [ $code -eq 0 ] && say gpu "$(echo "$answer" | head -n 1)" || say gpu-problem "$code $(echo "$answer" | head -n 1 | cut -c 1-200)"
  [ $code -eq 0 ] && within 6 nvidia-smi --query-compute-apps=pid,process_name,used_gpu_memory --format=csv,noheader,nounits 2>/dev/null | each gpu-process
}

transcribes() { # name
  say python-packages "$1 $(within 8 docker exec "$1" python3 -c '
import importlib.metadata as m
for name in ("cuda-python", "cuda-bindings", "nemo_toolkit", "torch"):
    try: print(name, m.version(name), end=";")
    except Exception: pass
' 2>/dev/null)"
}

containers() {
  command -v docker >/dev/null 2>&1 || { say docker-problem missing; return; }
  version=$(within 6 docker version --format '{{.Server.Version}}' 2>&1) || {
    say docker-problem "$(echo "$version" | tail -n 1 | cut -c 1-300)"
    return
  }
  say docker "$(echo "$version" | tail -n 1)"
  within 6 docker images --no-trunc --format '{{.Repository}}:{{.Tag}}|{{.ID}}' 2>/dev/null | each image &
  rows=$(within 6 docker ps -a --format '{{.Names}}|{{.State}}|{{.Image}}|{{.Ports}}|{{.Status}}' 2>/dev/null)
  echo "$rows" | each container
  for name in "$@" $(echo "$rows" | grep -iE '^[^|]*\\|running\\|' | grep -iE '^[^|]*(parakeet|nemo|whisper|canary|transcri|asr)|^[^|]*\\|running\\|[^|]*(parakeet|nemo|whisper|canary|transcri|asr)' | cut -d '|' -f 1); do
    echo "$rows" | grep -q "^$name|running|" && transcribes "$name" &
  done
  wait
}

launcher() {
  [ -n "$dir" ] || return
  if [ -x "$dir/launch-cluster.sh" ]; then say launcher ok
  elif [ -f "$dir/launch-cluster.sh" ]; then say launcher closed
  else
    say launcher missing
    for other in "$HOME"/launch-cluster.sh "$HOME"/*/launch-cluster.sh "$HOME"/*/*/launch-cluster.sh; do
      [ -f "$other" ] && say launcher-elsewhere "$(dirname "$other")"
    done
    return
  fi
  say launcher-commit "$(within 4 git -C "$dir" log -1 --format='%h %cs' 2>/dev/null)"
  for word in --solo --no-ray --launch-script --earlyoom; do grep -qFe "$word" "$dir/launch-cluster.sh" && say launcher-knows "$word"; done
  grep -qFe --list "$dir/hf-download.sh" 2>/dev/null && say launcher-knows hf-download
  [ -f "$dir/.env" ] || { say env missing; return; }
  [ -r "$dir/.env" ] || { say env closed; return; }
  say env ok
  grep -q "$(printf '\\r')" "$dir/.env" && say env-crlf yes
  # Other lines may hold secrets.
  tr -d '\\r' <"$dir/.env" | grep -E '^(CLUSTER_NODES|COPY_HOSTS|LOCAL_IP|ETH_IF|IB_IF)=' | each env-line
}

# What a person's own shell makes of it; limited twice, because a program that its start-up files leave running may hold its output.
interactive() {
  case $SHELL in */bash | */zsh) ;; *) return ;; esac
  within 5 "$SHELL" -ic 'printf "spark-control-hub=%s\n" "${ownCache}"' 2>/dev/null </dev/null |
    within 6 grep -m 1 '^spark-control-hub=' | cut -d = -f 2- | each hub-interactive
}

cache() {
  if command -v uvx >/dev/null 2>&1; then say uvx ok
  elif [ -x "$HOME/.local/bin/uvx" ] || [ -x "$HOME/.cargo/bin/uvx" ]; then say uvx path
  else say uvx missing; fi
  cache_place
  say hub-launcher "\${HF_HOME:-$HOME/.cache/huggingface}/hub"
  interactive
  grep -hsE '^[[:space:]]*(export[[:space:]]+)?(HF_HOME|HF_HUB_CACHE|XDG_CACHE_HOME)=' "$HOME/.bashrc" "$HOME/.profile" "$HOME/.bash_profile" "$HOME/.zshrc" | each cache-in-shell
  if [ -d "$hub" ]; then
    [ -w "$hub" ] && say hub-state ok || say hub-state closed
    say hub-models "$(ls -d "$hub"/models--*--* 2>/dev/null | wc -l)"
    say hub-foreign "$(within 4 find "$hub" -maxdepth 2 ! -user "$(id -un)" 2>/dev/null | head -n 1)"
  else say hub-state missing; fi
  for other in /home/*/.cache/huggingface/hub /root/.cache/huggingface/hub; do
    [ "$other" != "$hub" ] && ls -d "$other"/models--*--* >/dev/null 2>&1 && say hub-elsewhere "$other"
  done
}

reaches() { # As the launcher does: no prompt, no agent, nothing learned.
  answer=$(within 8 ssh -n -o BatchMode=yes -o IdentityAgent=none -o StrictHostKeyChecking=yes -o UpdateHostKeys=no -o ConnectTimeout=5 "$1" true 2>&1) && say worker "$1 ok" ||
    say worker "$1 $(echo "$answer" | tr -d '\\r' | grep -v '^$' | tail -n 1 | cut -c 1-200)"
}

kernel() {
  command -v journalctl >/dev/null 2>&1 || return
  lines=$(within 5 journalctl -k -q --no-pager -o short-iso --since -1day 2>/dev/null) || return
  say kernel-readable yes
  echo "$lines" | grep -E 'NVRM: Xid|NV_ERR_NO_MEMORY|Out of memory: Killed|AER: (Uncorrect|.*[Ff]atal)|PCIe Bus Error|fallen off the bus' | tail -n 20 | each kernel
}

say clock "$(date +%s.%N)"
machine & fabric & gpu & containers "$@" & launcher & cache & kernel &
for worker in $workers; do reaches "$worker" & done
wait
say clock "$(date +%s.%N)"
`

export interface Questions {
  /** Folder of the launcher; null where the host launches nothing. */
  launcher: string | null
  fabric: string | null
  /** Addresses of the Sparks that this one starts containers on. */
  workers: string[]
  /** Containers that transcribe, besides those that say so by their name. */
  transcribers: string[]
}

/** The one command of an examination. */
export function questions({ launcher, fabric, workers, transcribers }: Questions): string[] {
  return ['sh', '-c', script, 'spark-control-doctor', launcher ?? '', fabric ?? '', workers.join(' '), ...transcribers]
}
