import { parseArgs } from 'node:util'

/** A command line that can't be read; its message is the usage to print. */
export class UsageError extends Error {
  override name = 'UsageError'
}

type Kinds = Record<string, 'string' | 'boolean' | 'number'>
type Values<K extends Kinds> = {
  [N in keyof K]?: K[N] extends 'boolean' ? boolean : K[N] extends 'number' ? number : string
}

/** Reads the options of one command; numbers must be numbers. @throws {UsageError} */
export function options<K extends Kinds>(
  argv: readonly string[],
  kinds: K,
  usage: string,
): { values: Values<K>; words: string[] } {
  const described = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [
      name,
      { type: kind === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: described, allowPositionals: true })
    const read = Object.entries(values).map(([name, value]) => [
      name,
      kinds[name] === 'number' ? number(name, String(value)) : value,
    ])
    return { values: Object.fromEntries(read) as Values<K>, words: positionals }
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${usage}`)
  }
}

function number(name: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new UsageError(`--${name}: is not a number; give one`)
  return value
}
