#!/bin/bash
# Plays hf-download.sh of October 2026: finds uvx beside the home itself, lists and deletes too.
PATH="$HOME/.local/bin:$HOME/.cargo/bin:$PATH"
HERE=$(cd "$(dirname "$0")" && pwd)
HOSTS=() COPY= MODEL=
while [ $# -gt 0 ]; do
  case $1 in
    -c | --copy-to)
      COPY=1
      while [ $# -gt 2 ] && [[ ${2:-} != -* ]]; do HOSTS+=("$2"); shift; done
      ;;
    --copy-parallel) ;;
    -u) shift ;;
    --revision) REVISION=$2 && shift ;;
    --config | --format | --sort) shift ;;
    --list) LIST=1 ;;
    --delete) DELETE=1 ;;
    --force) FORCE=1 ;;
    -h | --help)
      echo "Usage: $0 [-c|--copy-to [HOSTS]] [--copy-parallel] [-u USER] [--config FILE] [--list] [--delete] [--force] [--revision REVISION] [--format console|csv|json|md] MODEL"
      exit 0
      ;;
    *) MODEL=$1 ;;
  esac
  shift
done
hub=${HF_HOME:-$HOME/.cache/huggingface}/hub
if [ -n "${LIST:-}" ]; then
  for one in "$hub"/models--*; do
    [ -d "$one" ] && one=${one##*/models--} && echo "${one/--//}"
  done
  exit 0
fi
[ -n "$MODEL" ] || { echo "Error: Model name is required."; exit 1; }
if [ -n "${DELETE:-}" ]; then
  if [ -z "${FORCE:-}" ]; then
    printf 'Proceed? [y/N] '
    read -r answer
    [ "$answer" = y ] || exit 1
  fi
  rm -rf "$hub/models--${MODEL//\//--}"
  echo "Done: delete $MODEL."
  exit 0
fi
if ! command -v uvx >/dev/null; then
  echo "Error: 'uvx' command not found."
  exit 1
fi
if [ -n "$COPY" ] && [ ${#HOSTS[@]} -eq 0 ]; then
  . "$HERE/.env"
  IFS=', ' read -r -a HOSTS <<<"$COPY_HOSTS"
fi
clock() { printf '%02d:%02d:%02d' $(($1 / 3600)) $(($1 % 3600 / 60)) $(($1 % 60)); }
echo "Downloading model '$MODEL' using uvx..."
begun=$SECONDS
uvx hf download "$MODEL" ${REVISION:+--revision "$REVISION"} || { echo "Error: Download failed."; exit 1; }
echo "Download completed in $(clock $((SECONDS - begun)))"
folder=${HF_HOME:-$HOME/.cache/huggingface}/hub/models--${MODEL//\//--}
echo "Model directory: $folder"
failed=
for host in ${HOSTS[@]+"${HOSTS[@]}"}; do
  echo "Copying model '$MODEL' to $USER@$host..."
  from=$SECONDS
  if rsync -av -s --mkpath --progress --copy-unsafe-links "$folder" "$host:.cache/huggingface/hub/"; then
    echo "Copy to $host completed in $(clock $((SECONDS - from)))"
  else failed=1; fi
done
if [ ${#HOSTS[@]} -eq 0 ]; then echo "No host specified, skipping copy."
elif [ -n "$failed" ]; then echo "One or more copies failed."; exit 1
else echo "Copy complete."; fi
echo "Done: download $MODEL."
