#!/bin/bash
# Plays spark-vllm-docker's launch-cluster.sh of January 2026: always Ray on port 6379, action defaults to start, an
# unknown word is a command, and the command's words are joined unquoted and read by a shell again.

IMAGE=vllm-node
NAME=vllm_node NODES= ACTION= DAEMON= COMMAND= MODS=()
HERE=$(cd "$(dirname "$0")" && pwd)

usage() {
  echo "Usage: $0 [-n <node_ips>] [-t <image_name>] [--name <container_name>] [--eth-if <if_name>] [--ib-if <if_name>] [--nccl-debug <level>] [--check-config] [-d] [action] [command]"
  echo "  action            start | stop | status | exec (Default: start). Not compatible with --launch-script."
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    -n | --nodes) NODES=$2; shift ;;
    -t) IMAGE=$2; shift ;;
    --name) NAME=$2; shift ;;
    --eth-if) ETH_IF=$2; shift ;;
    --ib-if) IB_IF=$2; shift ;;
    --apply-mod) MODS+=("$2"); shift ;;
    --nccl-debug) shift ;;
    --check-config) CHECK=1 ;;
    -d) DAEMON=1 ;;
    -h | --help) usage ;;
    start | stop | status) ACTION=$1 ;;
    exec) ACTION=exec; shift; COMMAND=$*; break ;;
    -*) echo "Unknown option: $1"; usage ;;
    *) ACTION=exec; COMMAND=$*; break ;;
  esac
  shift
done
ACTION=${ACTION:-start}
for mod in ${MODS[@]+"${MODS[@]}"}; do
  [ -f "$mod/run.sh" ] && continue
  echo "Error: Mod path '$mod' does not exist."
  exit 1
done

. "$HERE/.env"
IFS=', ' read -r -a nodes <<<"${NODES:-$CLUSTER_NODES}"
HEAD=$LOCAL_IP WORKERS=() found=
for node in "${nodes[@]}"; do
  if [ "$node" = "$HEAD" ]; then found=1; else WORKERS+=("$node"); fi
done
if [ -z "$found" ]; then
  echo "Error: Local IP ($HEAD) is not in the list of nodes (${nodes[*]})."
  exit 1
fi
echo "Head Node: $HEAD"
echo "Worker Nodes: ${WORKERS[*]:-}"
echo "Container Name: $NAME"
echo "Image Name: $IMAGE"
echo "Action: $ACTION"

stop_cluster() {
  echo ""
  echo "Stopping cluster..."
  echo "Stopping head node ($HEAD)..."
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
  if docker ps | grep -q "$NAME"; then
    echo "[HEAD] $HEAD: Container '$NAME' is RUNNING."
    echo "--- Ray Status ---"
    docker exec "$NAME" ray status || echo "Failed to get ray status."
    echo "------------------"
  else
    echo "[HEAD] $HEAD: Container '$NAME' is NOT running."
  fi
  for worker in ${WORKERS[@]+"${WORKERS[@]}"}; do
    if ssh "$worker" "docker ps | grep -q $NAME" </dev/null; then
      echo "[WORKER] $worker: Container '$NAME' is RUNNING."
    else
      echo "[WORKER] $worker: Container '$NAME' is NOT running."
    fi
  done
  exit 0
fi

[ ${#WORKERS[@]} -gt 0 ] && echo "Checking SSH connectivity to worker nodes..."
for worker in ${WORKERS[@]+"${WORKERS[@]}"}; do
  if ssh -o BatchMode=yes -o ConnectTimeout=5 "$worker" true </dev/null 2>/dev/null; then
    echo "  SSH to $worker: OK"
  else
    echo "Error: Passwordless SSH to $worker failed."
    echo "  Please ensure SSH keys are configured and the host is reachable."
    exit 1
  fi
done
[ -n "${CHECK:-}" ] && echo "Configuration Check Complete." && exit 0

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
# In January 2026 a daemon exec cleaned up too: `-d` was for start.
if [ -z "$DAEMON" ] || [ "$ACTION" = exec ]; then
  trap cleanup EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
fi

if docker ps --format '{{.Names}}' | grep -q "^$NAME\$"; then
  echo "Warning: Container '$NAME' is already running on head node ($HEAD)."
  echo "Cluster containers are already running. Skipping launch."
  WAS_RUNNING=1
else
  arguments="--privileged --gpus all -d --rm --ipc=host --network host --name $NAME -e NCCL_DEBUG=INFO -e NCCL_IGNORE_CPU_AFFINITY=1"
  echo "Starting Head Node on $HEAD..."
  docker run $arguments -v "$HOME/.cache/huggingface:/root/.cache/huggingface" -e VLLM_HOST_IP="$HEAD" "$IMAGE" sleep infinity >/dev/null || exit $?
  docker exec -d "$NAME" bash -c "ray start --block --head --port 6379 --node-ip-address $HEAD --include-dashboard=True --dashboard-host 0.0.0.0 --dashboard-port 8265 >> /proc/1/fd/1 2>&1"
  for worker in ${WORKERS[@]+"${WORKERS[@]}"}; do
    echo "Starting Worker Node on $worker..."
    ssh "$worker" "docker run $arguments -v \$HOME/.cache/huggingface:/root/.cache/huggingface -e VLLM_HOST_IP=$worker $IMAGE sleep infinity" >/dev/null </dev/null || exit $?
    ssh "$worker" "docker exec -d $NAME bash -c 'ray start --block --address $HEAD:6379 --node-ip-address $worker >> /proc/1/fd/1 2>&1'" </dev/null
  done
  for mod in ${MODS[@]+"${MODS[@]}"}; do
    for node in "$HEAD" ${WORKERS[@]+"${WORKERS[@]}"}; do echo "Applying mod '$(basename "$mod")' to $node..."; done
  done
  echo "Waiting for cluster to be ready..."
  tries=0
  until docker exec "$NAME" ray status >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -ge 30 ]; then
      echo "Timeout waiting for cluster to start."
      exit 1
    fi
    sleep 2
  done
  echo "Cluster head is responsive."
fi

if [ "$ACTION" = exec ]; then
  echo "Executing command: $COMMAND"
  flags=-i
  [ -t 0 ] && flags=-it
  docker exec $flags "$NAME" bash -i -c "$COMMAND" 2> >(grep -v -e 'no job control' -e 'cannot set terminal' >&2)
  exit $?
fi
if [ -n "$DAEMON" ]; then
  echo "Cluster started in background (Daemon mode)."
  exit 0
fi
echo "Cluster started. Tailing logs from head node..."
echo "Press Ctrl+C to stop the cluster."
docker logs -f "$NAME"
