/** Where a login's own models lie, as a shell expands it: the hub client's own order. */
export const ownCache = `\${HF_HUB_CACHE:-\${HUGGINGFACE_HUB_CACHE:-\${HF_HOME:-\${XDG_CACHE_HOME:-$HOME/.cache}/huggingface}/hub}}`

/**
 * Shell functions that a host's questions are made of; `answers()` reads what they print.
 * `within` limits a command's time, `say` prints one value, `each` every line of its input, `cache_place` where models lie
 * (`hub`) and the row of `df` for that place.
 */
export const asking = `
LC_ALL=C; export LC_ALL
within() { if command -v timeout >/dev/null 2>&1; then timeout "$@"; else shift; "$@"; fi; }
say() { printf '%s\\t%s\\n' "$1" "$2"; }
each() { head -n 400 | cut -c 1-400 | while IFS= read -r row; do [ -n "$row" ] && say "$1" "$row"; done; }
cache_place() {
  hub=${ownCache}
  say hub "$hub"
  at=$hub
  while [ ! -d "$at" ] && [ "$at" != / ]; do at=$(dirname "$at"); done
  say disk "$(df -kP "$at" 2>/dev/null | tail -n 1 | tr -s ' ')"
}
`
