#!/bin/bash
# Plays spark-vllm-docker's launch-cluster.sh of October 2026: its options, lines, exit codes and quoting.

IMAGE=vllm-node
NAME= NODES_ARG= ETH_IF_ARG= IB_IF_ARG= MASTER_PORT_ARG= CONFIG_FILE= LAUNCH_SCRIPT= ACTION= LOCAL_IP=
SOLO= DAEMON= RAY= NO_RAY= CHECK= NON_PRIVILEGED= EARLYOOM= CACHE_DIRS=1 KEEP_ENTRYPOINT= PR=
ENVS=() MODS=() EXTRA=()
MEM_LIMIT=110 MEM_SWAP= PIDS=4096 SHM=64
HERE=$(cd "$(dirname "$0")" && pwd)

usage() {
  cat <<USAGE
Usage: $0 [options] <start|stop|status|exec> [command ...]
  -n, --nodes IPS             Comma-separated list of node IPs (the head, this node, is one of them)
  -t IMAGE                    Docker image (default: vllm-node)
  --name NAME                 Container name (default: vllm_node)
  --eth-if IF, --ib-if IF     Override the detected interfaces
  -e, --env K=V               Environment variable of the container (repeatable)
  -j N                        Build jobs
  --nccl-debug [LEVEL]        VERSION, WARN, INFO (default) or TRACE
  --apply-mod PATH            Directory or .zip with run.sh (repeatable)
  --apply-vllm-pr N|URL       Apply a vLLM pull request at start (repeatable)
  --launch-script FILE        Script to execute in the container instead of a command
  --check-config              Detect, print and exit
  --solo                      One node, no detection
  --master-port, --head-port  Port of the master (default: 29501)
  -p, --publish               Publish a port (solo only)
  -v, --volume                Extra mounts
  --ray / --no-ray            Multi-node with Ray / without (default)
  --no-cache-dirs             Do not mount the compile caches
  --keep-entrypoint           Keep the image's entrypoint
  --earlyoom, --earlyoom-args Run earlyoom as the container's first process
  -d                          Daemon mode
  --non-privileged            With --mem-limit-gb, --mem-swap-limit-gb, --pids-limit, --shm-size-gb
  --config FILE               Alternative .env
  --setup, --discover         Run autodiscovery
USAGE
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    -n | --nodes) NODES_ARG=$2; shift ;;
    -t) IMAGE=$2; shift ;;
    --name) NAME=$2; shift ;;
    --eth-if) ETH_IF_ARG=$2; shift ;;
    --ib-if) IB_IF_ARG=$2; shift ;;
    -e | --env) ENVS+=("$2"); shift ;;
    -j) ENVS+=("MAX_JOBS=$2"); shift ;;
    --nccl-debug)
      case ${2:-} in
        VERSION | WARN | INFO | TRACE) ENVS+=("NCCL_DEBUG=$2"); shift ;;
        *) ENVS+=("NCCL_DEBUG=INFO") ;;
      esac ;;
    --apply-mod) MODS+=("$2"); shift ;;
    --apply-vllm-pr) PR=$2; shift ;;
    --launch-script) LAUNCH_SCRIPT=$2; shift ;;
    --check-config) CHECK=1 ;;
    --solo) SOLO=1 ;;
    --master-port | --head-port) MASTER_PORT_ARG=$2; shift ;;
    -p | --publish) EXTRA+=(-p "$2"); PUBLISH=1; shift ;;
    -v | --volume) EXTRA+=(-v "$2"); shift ;;
    --ray) RAY=1 ;;
    --no-ray) NO_RAY=1 ;;
    --no-cache-dirs) CACHE_DIRS= ;;
    --keep-entrypoint) KEEP_ENTRYPOINT=1 ;;
    --earlyoom) EARLYOOM=1 ;;
    --earlyoom-args) shift ;;
    -d) DAEMON=1 ;;
    --non-privileged) NON_PRIVILEGED=1 ;;
    --mem-limit-gb) MEM_LIMIT=$2; shift ;;
    --mem-swap-limit-gb) MEM_SWAP=$2; shift ;;
    --pids-limit) PIDS=$2; shift ;;
    --shm-size-gb) SHM=$2; shift ;;
    --config) CONFIG_FILE=$2; shift ;;
    --setup | --discover) echo "Error: autodiscovery needs a terminal."; exit 1 ;;
    -h | --help) usage ;;
    start | stop | status) ACTION=$1 ;;
    exec) ACTION=exec; shift; break ;;
    *) echo "Error: Unknown argument or action: $1"; usage ;;
  esac
  shift
done

if [ -n "$RAY" ] && [ -n "$NO_RAY" ]; then echo "Error: --ray and --no-ray are mutually exclusive."; exit 1; fi
if [ -n "$SOLO" ] && [ -n "$RAY$NO_RAY" ]; then echo "Error: --ray and --no-ray cannot be used with --solo."; exit 1; fi
if [ -n "${PUBLISH:-}" ] && [ -z "$SOLO" ]; then echo "Error: -p/--publish is only supported with --solo."; exit 1; fi
if [ -z "$ACTION" ] && [ -z "$CHECK" ]; then
  if [ -n "$LAUNCH_SCRIPT" ]; then ACTION=exec; else
    echo "Error: No action specified. Use: start | stop | status | exec"
    exit 1
  fi
fi

# ---- .env ----------------------------------------------------------------------------------------------------------
env_file=${CONFIG_FILE:-$HERE/.env}
if [ -f "$env_file" ]; then
  echo "Loading configuration from .env file..."
  loaded=
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in '' | '#'*) continue ;; esac
    key=${line%%=*} value=${line#*=}
    if ! [[ $line == *=* && $key =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || [[ " $loaded " == *" $key "* ]]; then
      echo "Error: Invalid .env file syntax. Aborting."
      exit 1
    fi
    loaded="${loaded:+$loaded }$key"
    value=${value#[\"\']} value=${value%[\"\']}
    case $key in
      CONTAINER_NAME) : "${NAME:=$value}" ;;
      CONTAINER_*) echo "Adding container env: ${key#CONTAINER_}"; ENVS=("${key#CONTAINER_}=$value" ${ENVS[@]+"${ENVS[@]}"}) ;;
      CLUSTER_NODES | COPY_HOSTS | LOCAL_IP | ETH_IF | IB_IF | MASTER_PORT | CLUSTER_LINKS) printf -v "$key" %s "$value" ;;
    esac
  done <"$env_file"
  echo "Loaded .env variables: $loaded"
fi
NAME=${NAME:-vllm_node}
MASTER_PORT=${MASTER_PORT_ARG:-${MASTER_PORT:-29501}}
ETH_IF=${ETH_IF_ARG:-${ETH_IF:-}} IB_IF=${IB_IF_ARG:-${IB_IF:-}}

if [ -n "$LAUNCH_SCRIPT" ]; then
  for script in "$LAUNCH_SCRIPT" "$HERE/$LAUNCH_SCRIPT" "$HERE/examples/$LAUNCH_SCRIPT" "$HERE/examples/$LAUNCH_SCRIPT.sh"; do
    [ -f "$script" ] && break
  done
  if [ ! -f "$script" ]; then echo "Error: Launch script '$LAUNCH_SCRIPT' not found."; exit 1; fi
fi

# ---- nodes ---------------------------------------------------------------------------------------------------------
WORKERS=()
if [ -n "$SOLO" ]; then
  echo "Solo mode enabled. Skipping node detection."
else
  IFS=', ' read -r -a nodes <<<"${NODES_ARG:-${CLUSTER_NODES:-}}"
  if [ ${#nodes[@]} -eq 1 ]; then
    echo "Only local node detected/configured. Activating solo mode (no Ray cluster)."
    SOLO=1
  fi
fi
if [ -n "$SOLO" ]; then
  LOCAL_IP=127.0.0.1
else
  if [ -z "$ETH_IF" ] || [ -z "$IB_IF" ]; then
    echo "Auto-detecting interfaces..."
    if ! command -v ibdev2netdev >/dev/null; then echo "Error: ibdev2netdev not found. Cannot auto-detect interfaces."; exit 1; fi
    up=$(ibdev2netdev | grep '(Up)')
    if [ -z "$up" ]; then echo "Error: No active IB interfaces found."; exit 1; fi
    IB_IF=${IB_IF:-$(printf '%s\n' "$up" | awk '{printf "%s%s", (NR > 1 ? "," : ""), $1}')}
    ETH_IF=${ETH_IF:-$(printf '%s\n' "$up" | awk '$5 ~ /^enp/ {print $5; exit}')}
    echo "  Detected IB_IF: $IB_IF"
    echo "  Detected ETH_IF: $ETH_IF"
  fi
  if [ -z "$LOCAL_IP" ]; then
    LOCAL_IP=$(ip -o -4 addr show | awk -v i="$ETH_IF" '$2 == i {sub("/.*", "", $4); print $4}')
    echo "  Detected Local IP: $LOCAL_IP"
  fi
  if [ ${#nodes[@]} -eq 0 ]; then echo "Error: No nodes configured; autodiscovery needs a terminal."; exit 1; fi
  found=
  for node in "${nodes[@]}"; do
    if [ "$node" = "$LOCAL_IP" ]; then found=1; else WORKERS+=("$node"); fi
  done
  if [ -z "$found" ]; then
    list="${nodes[*]}"
    echo "Error: Local IP ($LOCAL_IP) is not in the list of nodes (${list// /,})."
    exit 1
  fi
fi

# ---- node trimming: the parallel sizes in the command say how many nodes it wants ------------------------------------
product=1 sizes=
want() { product=$((product * $2)) sizes="$sizes${sizes:+ }$1=$2"; }
sized() {
  while [ $# -gt 0 ]; do
    case $1 in
      -tp | --tensor-parallel-size) [[ ${2:-} =~ ^[0-9]+$ ]] && want tp "$2" ;;
      -pp | --pipeline-parallel-size) [[ ${2:-} =~ ^[0-9]+$ ]] && want pp "$2" ;;
      -dp | --data-parallel-size) [[ ${2:-} =~ ^[0-9]+$ ]] && want dp "$2" ;;
      --tensor-parallel-size=*) want tp "${1#*=}" ;;
      --pipeline-parallel-size=*) want pp "${1#*=}" ;;
      --data-parallel-size=*) want dp "${1#*=}" ;;
    esac
    shift
  done
}
if [ -z "$SOLO" ] && [ "$ACTION" = exec ]; then
  if [ -n "$LAUNCH_SCRIPT" ]; then sized $(tr '\\\n' '  ' <"$script"); else sized "$@"; fi
  total=$((${#WORKERS[@]} + 1))
  if [ -n "$sizes" ] && [ "$product" -gt "$total" ]; then
    echo "Error: Command requires $product nodes ($sizes) but only $total node(s) are configured."
    exit 1
  elif [ -n "$sizes" ] && [ "$product" -lt "$total" ]; then
    echo "Note: Command requires $product node(s) ($sizes); using $product of $total configured node(s)."
    WORKERS=(${WORKERS[@]+"${WORKERS[@]:0:$((product - 1))}"})
  fi
fi

worker_list="${WORKERS[*]:-}"
echo "Head Node: $LOCAL_IP"
echo "Worker Nodes: $worker_list"
echo "Container Name: $NAME"
echo "Image Name: $IMAGE"
echo "Action: ${ACTION:-check-config}"

# ---- stop, status --------------------------------------------------------------------------------------------------
stop_cluster() {
  echo ""
  echo "Stopping cluster..."
  echo "Stopping head node ($LOCAL_IP)..."
  docker stop "$NAME" >/dev/null 2>&1
  for worker in ${WORKERS[@]+"${WORKERS[@]}"}; do
    echo "Stopping worker node ($worker)..."
    ssh "$worker" "docker stop $NAME" >/dev/null 2>&1 </dev/null
  done
  echo "Cluster stopped."
}

if [ "$ACTION" = stop ]; then
  stop_cluster
  exit 0
fi

if [ "$ACTION" = status ]; then
  echo "Checking status..."
  if docker ps | grep -q "$NAME"; then echo "[HEAD] $LOCAL_IP: Container '$NAME' is RUNNING."; else echo "[HEAD] $LOCAL_IP: Container '$NAME' is NOT running."; fi
  if [ -n "$RAY$SOLO" ]; then
    echo "--- Ray Status ---"
    docker exec "$NAME" ray status 2>/dev/null || echo "Failed to get ray status."
    echo "------------------"
  fi
  for worker in ${WORKERS[@]+"${WORKERS[@]}"}; do
    if ssh "$worker" "docker ps | grep -q $NAME" </dev/null 2>/dev/null; then
      echo "[WORKER] $worker: Container '$NAME' is RUNNING."
    else
      echo "[WORKER] $worker: Container '$NAME' is NOT running."
    fi
  done
  exit 0
fi

# ---- start, exec, check --------------------------------------------------------------------------------------------
if [ ${#WORKERS[@]} -gt 0 ]; then
  echo "Checking SSH connectivity to worker nodes..."
  for worker in "${WORKERS[@]}"; do
    if ssh -o BatchMode=yes -o ConnectTimeout=5 "$worker" true </dev/null 2>/dev/null; then
      echo "  SSH to $worker: OK"
    else
      echo "Error: Passwordless SSH to $worker failed."
      echo "  Please ensure SSH keys are configured and the host is reachable."
      exit 1
    fi
  done
fi

if [ -n "$CHECK" ]; then
  echo "Image Name: $IMAGE"
  echo "ETH Interface: $ETH_IF"
  echo "IB Interface: $IB_IF"
  echo "Docker Args: --privileged --gpus all --rm ${EXTRA[*]:-}"
  echo "Docker Network: host"
  echo "Mounting Cache Dirs: ${CACHE_DIRS:+true}"
  echo "Configuration Check Complete."
  exit 0
fi

WAS_RUNNING= CLEANED=
cleanup() {
  [ -n "$CLEANED" ] && return
  CLEANED=1
  if [ -n "$WAS_RUNNING" ]; then
    echo "Cluster was already running when script started. Skipping cleanup."
  else
    stop_cluster
  fi
}
abort() {
  trap - EXIT
  cleanup
  exit "${1:-1}"
}
foreground_traps() {
  trap cleanup EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
}

if docker ps --format '{{.Names}}' | grep -q "^$NAME\$"; then
  echo "Warning: Container '$NAME' is already running on head node ($LOCAL_IP)."
  WAS_RUNNING=1
fi
for worker in ${WORKERS[@]+"${WORKERS[@]}"}; do
  if ssh "$worker" "docker ps --format '{{.Names}}' | grep -q '^$NAME\$'" </dev/null; then
    echo "Warning: Container '$NAME' is already running on worker node ($worker)."
    WAS_RUNNING=1
  fi
done
if [ -n "$WAS_RUNNING" ]; then
  if [ -n "$PR" ]; then
    echo "Error: --apply-vllm-pr cannot be verified or applied because cluster containers are already running."
    exit 1
  fi
  echo "Cluster containers are already running. Skipping launch."
fi
[ -z "$DAEMON" ] && foreground_traps

# Values go into the docker line unquoted, here as in the original: blanks and quotes in them do not survive.
container_args() { # host ip; $3 the HOME to mount from, as that host's shell reads it
  local limits="--privileged --ipc=host" network="--network host" per=
  [ -n "$NON_PRIVILEGED" ] && limits="--cap-add=IPC_LOCK --shm-size=${SHM}g --device=/dev/infiniband --memory ${MEM_LIMIT}g --memory-swap ${MEM_SWAP:-$((MEM_LIMIT + 10))}g --pids-limit $PIDS"
  [ -n "${PUBLISH:-}" ] && network=
  if [ -n "$SOLO" ]; then
    per="-e VLLM_HOST_IP=127.0.0.1 -e NCCL_SOCKET_IFNAME=${ETH_IF_ARG:-lo} -e NCCL_IB_DISABLE=1 -e GLOO_SOCKET_IFNAME=${ETH_IF_ARG:-lo} -e TP_SOCKET_IFNAME=${ETH_IF_ARG:-lo}"
  else
    per="-e VLLM_HOST_IP=$1 -e RAY_NODE_IP_ADDRESS=$1 -e RAY_OVERRIDE_NODE_IP_ADDRESS=$1 -e MN_IF_NAME=$ETH_IF -e UCX_NET_DEVICES=$ETH_IF -e NCCL_SOCKET_IFNAME=$ETH_IF -e NCCL_IB_HCA=$IB_IF -e NCCL_IB_DISABLE=0 -e OMPI_MCA_btl_tcp_if_include=$ETH_IF -e GLOO_SOCKET_IFNAME=$ETH_IF -e TP_SOCKET_IFNAME=$ETH_IF -e RAY_memory_monitor_refresh_ms=0 -e RAY_num_prestart_python_workers=0 -e RAY_object_store_memory=1073741824"
  fi
  local caches= one
  if [ -n "$CACHE_DIRS" ]; then
    for one in .cache/vllm .cache/flashinfer .cache/b12x .triton .tilelang; do caches="$caches -v $2/$one:/root/$one"; done
  fi
  local own=
  for one in ${ENVS[@]+"${ENVS[@]}"}; do own="$own -e $one"; done
  echo "$limits --ulimit nofile=${VLLM_SPARK_NOFILE_LIMIT:-1048576} --gpus all -d --rm $network --name $NAME ${KEEP_ENTRYPOINT:---entrypoint=}" \
    "-v $3:/root/.cache/huggingface $caches -e NCCL_IGNORE_CPU_AFFINITY=1 -e PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True $per $own ${EXTRA[*]:-} ${VLLM_SPARK_EXTRA_DOCKER_ARGS:-} $IMAGE sleep infinity"
}

if [ -z "$WAS_RUNNING" ]; then
  if [ ${#WORKERS[@]} -gt 0 ]; then
    echo "Verifying Docker image consistency across cluster nodes..."
    if ! head_id=$(docker image inspect --format '{{.Id}}' "$IMAGE" 2>/dev/null); then
      echo "Error: Could not inspect image '$IMAGE' on head node ($LOCAL_IP)."
      trap - EXIT
      exit 1
    fi
    echo "  [HEAD] $LOCAL_IP: $head_id"
    for worker in "${WORKERS[@]}"; do
      if ! worker_id=$(ssh "$worker" "docker image inspect --format '{{.Id}}' $IMAGE" 2>/dev/null </dev/null); then
        echo "Error: Could not inspect image '$IMAGE' on worker node ($worker)."
        trap - EXIT
        exit 1
      fi
      if [ "$worker_id" != "$head_id" ]; then
        echo "  [WORKER] $worker: $worker_id"
        echo "Error: Docker image mismatch on worker node $worker."
        echo "Error: Cluster launch aborted because image '$IMAGE' is not in sync."
        echo "Sync it with: ./build-and-copy.sh --no-build -t $IMAGE --copy-to ${worker_list// /,}"
        trap - EXIT
        exit 1
      fi
      echo "  [WORKER] $worker: $worker_id (match)"
    done
    echo "Docker image consistency check passed."
  fi
  echo "Starting Head Node on $LOCAL_IP..."
  docker run $(container_args "$LOCAL_IP" "$HOME" "${HF_HOME:-$HOME/.cache/huggingface}") >/dev/null || abort $?
  for worker in ${WORKERS[@]+"${WORKERS[@]}"}; do
    echo "Starting Worker Node on $worker..."
    # The homes of simulated hosts differ, so the worker's own shell fills in its own.
    ssh "$worker" "docker run $(container_args "$worker" '$HOME' '${HF_HOME:-$HOME/.cache/huggingface}')" >/dev/null </dev/null || abort $?
  done
  if [ -n "$EARLYOOM" ]; then echo "Preparing earlyoom in container '$NAME' on $LOCAL_IP..."; fi

  if [ ${#MODS[@]} -gt 0 ]; then
    echo "Applying modifications to cluster nodes..."
    for mod in "${MODS[@]}"; do
      path=$mod
      [ -e "$path" ] || path=$HERE/$mod
      base=$(basename "$mod")
      if [ ! -f "$path/run.sh" ]; then
        echo "Error: Mod path '$mod' does not exist."
        abort 1
      fi
      for node in "$LOCAL_IP" ${WORKERS[@]+"${WORKERS[@]}"}; do
        echo "Applying mod '$base' to $node..."
        echo "  Copying $base..."
        run_patch="docker exec $NAME bash -c 'mkdir -p /workspace/mods/$base && cat >/workspace/mods/$base/run.sh && cd /workspace/mods/$base && WORKSPACE_DIR=/workspace bash run.sh'"
        run_patch=${run_patch/docker exec/docker exec -i}
        echo "  Running patch script on $node..."
        if [ "$node" = "$LOCAL_IP" ]; then sh -c "$run_patch" <"$path/run.sh"; else ssh "$node" "$run_patch" <"$path/run.sh"; fi
        if [ $? -ne 0 ]; then
          echo "Error: Patch script failed on $node"
          abort 1
        fi
      done
    done
  fi

  if [ -n "$RAY" ]; then
    echo "Starting Ray HEAD node on $LOCAL_IP..."
    docker exec -d "$NAME" bash -c "ray start --block --head --port $MASTER_PORT --object-store-memory 1073741824 --num-cpus 2 --node-ip-address $LOCAL_IP --include-dashboard=false >> /proc/1/fd/1 2>&1"
    for worker in ${WORKERS[@]+"${WORKERS[@]}"}; do
      echo "Starting Ray WORKER node on $worker..."
      ssh "$worker" "docker exec -d $NAME bash -c 'ray start --block --address $LOCAL_IP:$MASTER_PORT --node-ip-address $worker >> /proc/1/fd/1 2>&1'" </dev/null
    done
    echo "Waiting for cluster to be ready..."
    tries=0
    until docker exec "$NAME" ray status >/dev/null 2>&1; do
      tries=$((tries + 1))
      if [ $tries -ge 30 ]; then echo "Timeout waiting for cluster to start."; abort 1; fi
      sleep 2
    done
    echo "Cluster head is responsive."
  fi
fi

if [ "$ACTION" = start ]; then
  if [ -n "$DAEMON" ]; then
    echo "Cluster started in background (Daemon mode)."
    exit 0
  fi
  echo "Cluster started. Tailing logs from head node..."
  echo "Press Ctrl+C to stop the cluster."
  docker logs -f "$NAME"
  exit 0
fi

# ---- exec ----------------------------------------------------------------------------------------------------------
put_script() { # node, text appended to the script's last line
  local text
  text=$(cat "$script")
  local put="docker exec -i $NAME bash -c 'cat >/workspace/exec-script.sh && chmod +x /workspace/exec-script.sh'"
  if [ "$1" = "$LOCAL_IP" ]; then printf '%s%s\n' "$text" "$2" | sh -c "$put"; else printf '%s%s\n' "$text" "$2" | ssh "$1" "$put"; fi
}

without_backend() { # every argument but --distributed-executor-backend and its value
  KEPT=()
  while [ $# -gt 0 ]; do
    case $1 in
      --distributed-executor-backend) shift ;;
      --distributed-executor-backend=*) ;;
      *) KEPT+=("$1") ;;
    esac
    shift
  done
}

run_on_head() { # shell text
  if [ -n "$DAEMON" ]; then
    docker exec -d "$NAME" bash -c "$1 >> /proc/1/fd/1 2>&1"
    echo "Command dispatched in background (Daemon mode). Container: $NAME"
    exit 0
  fi
  local flags=-i
  [ -t 0 ] && flags=-it
  docker exec $flags "$NAME" bash -c "$1"
  exit $?
}

if [ ${#WORKERS[@]} -gt 0 ] && [ -z "$RAY" ]; then
  without_backend "$@"
  set -- ${KEPT[@]+"${KEPT[@]}"}
  total=$((${#WORKERS[@]} + 1)) rank=0
  for worker in "${WORKERS[@]}"; do
    rank=$((rank + 1))
    nodes_text="--nnodes $total --node-rank $rank --master-addr $LOCAL_IP --master-port $MASTER_PORT --headless"
    echo "Launching worker (rank $rank) on $worker..."
    if [ -n "$LAUNCH_SCRIPT" ]; then
      put_script "$worker" " $nodes_text"
      payload="/workspace/exec-script.sh >> /proc/1/fd/1 2>&1"
    else
      payload="$(printf '%q ' "$@") $nodes_text >> /proc/1/fd/1 2>&1"
    fi
    ssh "$worker" "docker exec -d $NAME bash -c $(printf %q "$payload")" </dev/null || abort 1
  done
  head_text="--nnodes $total --node-rank 0 --master-addr $LOCAL_IP --master-port $MASTER_PORT"
  if [ -n "$LAUNCH_SCRIPT" ]; then
    put_script "$LOCAL_IP" " $head_text"
    command=/workspace/exec-script.sh
  else
    command="$(printf '%q ' "$@")$head_text"
  fi
  echo "Executing command on head node (rank 0): $command"
else
  if [ -n "$LAUNCH_SCRIPT" ]; then
    put_script "$LOCAL_IP" ""
    command=/workspace/exec-script.sh
  else
    if [ -n "$RAY" ] && [[ " $* " != *" --distributed-executor-backend"* ]]; then set -- "$@" --distributed-executor-backend ray; fi
    command=$(printf '%q ' "$@")
  fi
  echo "Executing command: $command"
fi
run_on_head "$command"
