import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** What a person needs of a recipe to launch it by hand. */
export interface DemoRecipe {
  id: string
  repo: string
  container: string
  command: string
  defaults: Record<string, string | number | boolean>
  env: Record<string, string>
  mods: string[]
  clusterOnly: boolean
}

/** Reads a folder of community recipes; one that is not a recipe is left out. */
export function demoRecipes(directory: string): DemoRecipe[] {
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .filter((name) => /\.ya?ml$/.test(name))
    .flatMap((name) => {
      const file = parse(readFileSync(join(directory, name), 'utf8'), { logLevel: 'silent' }) as Record<string, never>
      if (typeof file?.command !== 'string' || typeof file.model !== 'string') return []
      const { model, container = 'vllm-node', command, defaults = {}, env = {}, mods = [], cluster_only = false } = file
      const id = name.replace(/\.ya?ml$/, '').toLowerCase()
      return [{ id, repo: model, container, command, defaults, env, mods, clusterOnly: cluster_only }]
    })
}

/** The recipe's command as a person would type it, on the service's own port; a share of memory that it leaves open is `share`. */
export function commandLine(recipe: DemoRecipe, port: number, share = 0.85): string {
  const values: DemoRecipe['defaults'] = { host: '0.0.0.0', gpu_memory_utilization: share, ...recipe.defaults, port }
  const line = recipe.command.replace(/\{\{|\}\}|\{(\w+)\}/g, (found, name?: string) =>
    name ? String(values[name] ?? found) : found.slice(1),
  )
  return line.trim()
}

/** Hosts it wants: the product of its parallel sizes. */
export function nodesOf(recipe: DemoRecipe): number {
  const sizes = commandLine(recipe, 0).matchAll(/(?:-(?:tp|pp|dp)|--(?:tensor|pipeline|data)-parallel-size)[ =]+(\d+)/g)
  return [...sizes].reduce((product, [, size]) => product * Number(size), 1)
}
