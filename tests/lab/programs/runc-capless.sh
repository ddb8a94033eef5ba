#!/bin/bash
# runc without CAP_SYS_RESOURCE, where the machine has none to give.
last=
for word in "$@"; do
  case $last in
    --bundle) file=$word/config.json ;;
    --process | -p) file=$word ;;
    *) file= ;;
  esac
  [ -f "$file" ] && sed -i -E 's/"CAP_SYS_RESOURCE",?//g' "$file"
  last=$word
done
exec runc "$@"
