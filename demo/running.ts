import { basename } from 'node:path'
import { processesOf } from './machine/processes'
import type { DemoPorts } from './places'
import type { DemoRecipe } from './recipes'

/** One real process on a simulated host; service, recipe, model and port are told of servers only. A model's service is called as its container is, the usual one `llm`. */
export interface RunningProcess {
  host: string
  pid: number
  container: string | null
  service?: string
  recipe?: string
  model?: string
  port?: number
  args: string[]
}

/** Everything that lives on the hosts, but for the machinery that plays containers. */
export function runningProcesses(cluster: string, ports: DemoPorts, recipes: DemoRecipe[]): RunningProcess[] {
  return processesOf({ cluster })
    .filter((one) => one.program !== 'shim' && one.program !== 'reap')
    .map(({ pid, directory, container, args, program }) => ({
      host: basename(directory),
      pid,
      container,
      ...(program === 'vllm' && args[1] === 'serve' ? server(args, container, recipes) : {}),
      ...(program === 'embedder' ? { service: 'embed', port: ports.embed } : {}),
      ...(program === 'comfy' ? { service: 'comfy', port: ports.comfy } : {}),
      args,
    }))
}

function server(args: string[], container: string | null, recipes: DemoRecipe[]) {
  const model = flag(args, '--model') ?? args[2] ?? ''
  const recipe = recipes.find((one) => one.repo.toLowerCase() === model.toLowerCase())
  const service = container === null || container === 'vllm_node' ? 'llm' : container
  return { service, model, port: Number(flag(args, '--port') ?? 8000), ...(recipe ? { recipe: recipe.id } : {}) }
}

function flag(args: string[], name: string): string | undefined {
  const joined = args.findLast((word) => word.startsWith(`${name}=`))
  const at = args.lastIndexOf(name)
  return joined?.slice(name.length + 1) ?? (at < 0 ? undefined : args[at + 1])
}
