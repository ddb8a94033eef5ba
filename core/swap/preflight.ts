import type { LiveHost } from '../cluster/hosts'
import type { Recipe } from '../models/recipe'

const script = `
image=$1 dir=$2
case $dir in "~/"*) dir="$HOME/\${dir#"~/"}" ;; esac
docker version --format '{{.Server.Version}}' >/dev/null 2>&1 || { echo docker; exit 0; }
docker image inspect "$image" >/dev/null 2>&1 || { echo image; exit 0; }
[ -z "$dir" ] || [ -x "$dir/launch-cluster.sh" ] || { echo launcher; exit 0; }
echo ok
`

/**
 * Looks on one host, before anything is stopped, whether a launch can work there.
 * @returns why not, or null
 */
export async function preflight(
  live: LiveHost,
  recipe: Recipe,
  isHead: boolean,
  signal: AbortSignal,
): Promise<string | null> {
  const { id, launcher } = live.host
  const { stdout } = await live.run(
    ['sh', '-c', script, 'spark-control-preflight', recipe.container, isHead ? (launcher ?? '') : ''],
    { signal },
  )
  switch (stdout.trim()) {
    case 'ok':
      return null
    case 'docker':
      return `docker on ${id} does not answer ${live.host.user}; add the user to the group docker, or start docker`
    case 'image':
      return `image ${recipe.container} is not on ${id}; build or pull it there (./build-and-copy.sh)`
    case 'launcher':
      return `launch-cluster.sh is not in ${launcher} on ${id}; correct hosts.${id}.launcher or install spark-vllm-docker`
    default:
      return `${id} does not answer as expected; look at its tile`
  }
}
