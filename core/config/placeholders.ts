import type { Path, PathProblem } from './document'

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth']
const meanings: Record<string, string> = {
  address: 'the address of',
  user: 'your user name on',
  fabric: 'the fast-link address of',
  launcher: 'the spark-vllm-docker folder on',
}

/** Values of the shipped example that nobody replaced yet (`<spark-1-ip>`), under `hosts:` and in the `user` of a service. */
export function findPlaceholders(config: unknown): PathProblem[] {
  const found: PathProblem[] = []
  const hosts = entries(child(config, 'hosts'))
  for (const [index, [id, host]] of hosts.entries()) {
    const spark = index < ordinals.length ? `your ${ordinals[index]} Spark` : `your Spark number ${index + 1}`
    for (const [key, value] of entries(host)) {
      const what = meanings[key]
      if (what && isPlaceholder(value)) found.push(placeholder(['hosts', id, key], `put ${what} ${spark} here`))
    }
  }
  for (const [id, service] of entries(child(config, 'services'))) {
    if (isPlaceholder(child(service, 'user')))
      found.push(placeholder(['services', id, 'user'], 'put the user name of this service here'))
  }
  return found
}

function placeholder(path: Path, remedy: string): PathProblem {
  return { path, problem: 'still a placeholder', remedy }
}

const isPlaceholder = (value: unknown) => typeof value === 'string' && /<[^<>]+>/.test(value)

function child(node: unknown, key: string): unknown {
  return typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined
}

function entries(node: unknown): [string, unknown][] {
  return typeof node === 'object' && node !== null ? Object.entries(node) : []
}
