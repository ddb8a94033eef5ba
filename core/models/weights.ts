import type { LiveHost } from '../cluster/hosts'

// Every model folder of the host's own cache whose main revision has a configuration; one round trip, links followed
// because newer clients keep the bytes in a store shared by all models.
const script = `
hub=\${HF_HUB_CACHE:-\${HUGGINGFACE_HUB_CACHE:-\${HF_HOME:-\${XDG_CACHE_HOME:-$HOME/.cache}/huggingface}/hub}}
for dir in "$hub"/models--*--*; do
  commit=$(cat "$dir/refs/main" 2>/dev/null) || continue
  [ -e "$dir/snapshots/$commit/config.json" ] || continue
  partial=no
  for part in "$dir"/blobs/*.incomplete; do [ -e "$part" ] && partial=yes; done
  printf '%s\\t%s\\t%s\\n' "\${dir##*/}" "$partial" "$(du -sbL "$dir/snapshots/$commit" 2>/dev/null | cut -f1)"
done
`

/** Bytes on disk by repo; a partial download is not there. */
export async function weightsOn(live: LiveHost): Promise<Map<string, number>> {
  const { stdout } = await live.run(['sh', '-c', script], { timeoutMs: 20_000 })
  return readWeights(stdout)
}

/** Reads the script's lines: folder, partial or not, bytes. */
export function readWeights(text: string): Map<string, number> {
  const rows = text.split('\n').map((line) => line.split('\t'))
  const whole = rows.filter(([folder, partial]) => folder?.startsWith('models--') && partial === 'no')
  return new Map(whole.map(([folder = '', , bytes]) => [repoOf(folder), Number(bytes) || 0]))
}

// `models--org--name`; a name may itself hold `--`, an org can't.
function repoOf(folder: string): string {
  const [, org = '', ...name] = folder.split('--')
  return `${org}/${name.join('--')}`
}
