#!/bin/sh
# Exit code 0 while it runs.
cd "$(dirname "$0")" && [ -s server.pid ] && [ -n "$(ps -p "$(cat server.pid)" -o pid=)" ]
