import type { LiveHost } from '../../cluster/hosts'

// First the bytes, then the links that name them: cut off anywhere, no model looks whole that is not. Links that lead out
// of the model's folder (the store that newer clients share) arrive as files; blobs are named by their content, so
// size and name suffice to know one.
const script = `
from=$1 to=$2 port=$3 hub=$4
PATH="$HOME/.local/bin:$PATH"; export PATH
command -v rsync >/dev/null 2>&1 || { echo 'no rsync on this Spark'; exit 127; }
way="ssh -o BatchMode=yes -o ConnectTimeout=10 -o StrictHostKeyChecking=accept-new -p $port"
copy() { rsync -a -s --no-owner --no-group --mkpath --timeout=120 --copy-unsafe-links --exclude='*.incomplete' -e "$way" "$@"; }
copy --size-only --partial-dir=.spark-control-partial "$from/blobs/" "$to:$hub/\${from##*/}/blobs/" || exit
copy --exclude=/blobs/ "$from/" "$to:$hub/\${from##*/}/"
`

export interface CopyOrder {
  /** The model's folder in a hub directory, absolute. */
  folder: string
  to: LiveHost
  /** The hub directory there, absolute. */
  hub: string
  /** Which of its addresses, from 0: first the fast link between Sparks. */
  way: number
}

/** Copies a model's folder to another host over the Sparks' own passwordless SSH. */
export function copyCommand({ folder, to, hub, way }: CopyOrder): string[] {
  const { user, sshPort } = to.host
  const addresses = copyAddresses(to)
  const address = addresses[way % addresses.length] ?? to.host.address
  return ['sh', '-c', script, 'spark-control-copy', folder, `${user}@${address}`, String(sshPort), hub]
}

/** Where a host is reached by another. */
export function copyAddresses({ host, address }: LiveHost): string[] {
  const own = address ?? host.address
  return host.fabric === null || host.fabric === own ? [own] : [host.fabric, own]
}
