import type { LiveHost } from '../../cluster/hosts'
import { repoFolder } from './measured'

// A file of a snapshot is a link to a blob, which may itself be one into the store that all repos share. Nothing outside
// the hub directory is touched, wherever links lead.
const script = `
cd -P -- "$1" 2>/dev/null || exit 0
root=$(pwd -P) folder=$2 commit=$3; shift 3
for file; do
  link="$folder/snapshots/$commit/$file"
  inside=$(cd -P -- "$(dirname -- "$link")" 2>/dev/null && pwd -P) || continue
  case $inside/ in "$root/$folder/snapshots/"*) ;; *) continue ;; esac
  if [ -L "$link" ]; then
    blob=$(readlink -- "$link"); blob="$folder/blobs/\${blob##*/}"
    real=$(readlink -f -- "$link")
    case $real in "$root/$folder/blobs/"* | "$root/blobs/"*) rm -f -- "$real" ;; esac
    [ ! -L "$blob" ] || rm -f -- "$blob"
  fi
  rm -f -- "$link"
done
`

/** Removes files of a snapshot with their bytes, so that a download fetches them, and only them, anew. */
export async function removeFiles(
  live: LiveHost,
  hub: string,
  repo: string,
  commit: string,
  files: string[],
  signal?: AbortSignal,
): Promise<void> {
  const plain = files.filter((file) => !file.startsWith('/') && !file.split('/').includes('..'))
  await live.run(['sh', '-c', script, 'spark-control-remove-files', hub, repoFolder(repo), commit, ...plain], {
    signal,
  })
}
