#!/bin/sh
# Stays beside a container's first process as containerd's shim does, and has its end written down.
# $1 the container's name, $2 its directory, $3 bun, $4 the program that writes, then the command.
name=$1 directory=$2 bun=$3 reap=$4
shift 4
(
  # PID 1 of a namespace ignores every signal it has no handler for; ignored ones stay ignored through exec.
  trap '' TERM INT HUP QUIT USR1 USR2
  SPARK_SIM_CONTAINER=$name
  export SPARK_SIM_CONTAINER
  exec "$@"
) </dev/null >>"$directory/log" 2>&1 &
echo $! >"$directory/pid.new" && mv "$directory/pid.new" "$directory/pid"
wait $!
exec "$bun" "$reap" "$directory" $?
