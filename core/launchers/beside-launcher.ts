import { flagValue } from '../models/flags'
import { part } from './at-home'

const script = `${part}
first=$1; shift
( part 0 "$first" 0 "$@" ) || exit
part "$first" "$(($# - first))" 0 "$@"
`

// The network's variables are in the container's ~/.bashrc, which only an interactive shell reads. Its output goes where
// `docker logs` reads.
const inside = 'exec "$@" >>/proc/1/fd/1 2>&1'

/** Starts the cluster by `launcher`, then `engine` in its container, word for word. */
export function besideLauncher(launcher: string[], container: string, engine: string[]): string[] {
  const exec = ['docker', 'exec', '-d', container, 'bash', '-i', '-c', inside, 'spark-control-engine']
  return ['sh', '-c', script, 'spark-control-launch', String(launcher.length), ...launcher, ...exec, ...engine]
}

/** The engine's command for the Ray cluster that every launcher of that time makes of several Sparks. */
export function onRay(engine: string[], hosts: number): string[] {
  const backend = ['--distributed-executor-backend']
  return hosts > 1 && flagValue(engine, backend) === undefined ? [...engine, ...backend, 'ray'] : engine
}
