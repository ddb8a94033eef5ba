/** What the script ends with when there is no tool to download with. */
export const noTool = 91

// A non-interactive login has none of the folders that uv installs into on its PATH. An old hf-download.sh knows no
// revision and needs uvx; a new one brings uv itself, and is told by what its help offers.
const script = `
repo=$1 revision=$2 launcher=$3 hub=$4
PATH="$HOME/.local/bin:$HOME/.cargo/bin:$PATH"
HF_HUB_DISABLE_PROGRESS_BARS=1 HF_HUB_DISABLE_TELEMETRY=1
export PATH HF_HUB_DISABLE_PROGRESS_BARS HF_HUB_DISABLE_TELEMETRY
[ -z "$hub" ] || { HF_ENDPOINT=\${HF_ENDPOINT:-$hub}; export HF_ENDPOINT; }
case $launcher in "~/"*) launcher="$HOME/\${launcher#"~/"}" ;; esac
has() { command -v "$1" >/dev/null 2>&1; }
if [ -n "$launcher" ] && [ -x "$launcher/hf-download.sh" ] && cd "$launcher"; then
  if ./hf-download.sh --help 2>&1 | grep -q -e --list; then
    [ -z "$revision" ] || exec ./hf-download.sh --revision "$revision" "$repo"
    exec ./hf-download.sh "$repo"
  fi
  [ -n "$revision" ] || ! has uvx || exec ./hf-download.sh "$repo"
fi
cd "$HOME" || exit 1
set -- download "$repo"
[ -z "$revision" ] || set -- "$@" --revision "$revision"
has hf && exec hf "$@"
has uvx && exec uvx hf "$@"
has huggingface-cli && exec huggingface-cli "$@"
echo 'no hf, uvx or huggingface-cli on this Spark'
exit ${noTool}
`

export interface DownloadOrder {
  repo: string
  revision: string | null
  /** Folder of the launcher, whose own script is used where there is one. */
  launcher: string | null
  /** Used where the Spark's own environment names none. */
  hub: string | null
}

/** Downloads a model with what there is on the Spark. */
export function downloadCommand({ repo, revision, launcher, hub }: DownloadOrder): string[] {
  return ['sh', '-c', script, 'spark-control-download', repo, revision ?? '', launcher ?? '', hub ?? '']
}
