#!/bin/sh
# Asks it to end, and waits until it has; without effect where nothing runs.
cd "$(dirname "$0")" || exit
./status.sh || exit 0
kill "$(cat server.pid)"
n=0
while ./status.sh && [ "$n" -lt 50 ]; do sleep 0.1; n=$((n + 1)); done
exit 0
