#!/bin/sh
# A server as its owner starts it, without any launcher: ./start.sh MODEL PORT [FLAG…]. Its pid and its log lie beside it.
cd "$(dirname "$0")" || exit
./status.sh && exit 0
model=$1 port=$2
shift 2
echo "starting $model on port $port"
nohup "$SPARK_SIM_CLUSTER/container-bin/vllm" serve "$model" --port "$port" "$@" >server.log 2>&1 </dev/null &
echo $! >server.pid
