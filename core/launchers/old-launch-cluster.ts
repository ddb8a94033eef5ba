import { flagValue } from '../models/flags'
import { containerOf, launchHosts } from './container'
import type { LaunchOrder } from './launcher'

// Before March 2026 `exec` joined its words unquoted and `-d` was for `start` alone: the cluster is started, and the
// engine goes into its container beside the launcher, with its output where `docker logs` reads.
const script = `
container=$1 image=$2 nodes=$3; shift 3
./launch-cluster.sh \${nodes:+-n "$nodes"} -t "$image" --name "$container" -d start || exit
exec docker exec -d "$container" sh -c 'exec "$@" >>/proc/1/fd/1 2>&1' spark-control-engine "$@"
`

/** The command that launches `inside` through a launch-cluster.sh that knows no `--solo`; it always makes a Ray cluster. */
export function oldLaunchCommand({ recipe, service }: LaunchOrder, inside: string[]): string[] {
  const hosts = launchHosts(recipe, service)
  const fabric = hosts.flatMap((host) => host.fabric ?? [])
  const nodes = fabric.length === hosts.length ? fabric.join(',') : ''
  const backend = ['--distributed-executor-backend']
  const ray = hosts.length > 1 && flagValue(inside, backend) === undefined ? [...backend, 'ray'] : []
  const named = [containerOf(service), recipe.container, nodes]
  return ['sh', '-c', script, 'spark-control-old-launch', ...named, ...inside, ...ray]
}
