import { fail } from './fail'

/** Flags of one docker verb: long name to how it is given; a short letter maps to its long name. */
export interface Flags {
  /** Takes a value; may be repeated. */
  values: string[]
  switches: string[]
  shorts: Record<string, string>
  /** Options end at the first word that is none (`run`, `exec`): the rest is the container's command. */
  commandFollows?: boolean
  /** Exit code of a usage error: 125 for run, else 1. */
  usageCode?: number
}

export interface Options {
  on(name: string): boolean
  /** The last value given, or null. */
  one(name: string): string | null
  all(name: string): string[]
  rest: string[]
}

/** Reads docker's command line: `--x=y`, `--x y`, `-it`, `-eK=V`, `-t 5`, `--`. */
export function readOptions(verb: string, argv: string[], flags: Flags): Options {
  const given = new Map<string, string[]>()
  const rest: string[] = []
  const queue = [...argv]
  const add = (name: string, value: string) => given.set(name, [...(given.get(name) ?? []), value])
  const hint = `\n\nUsage:  docker ${verb} [OPTIONS]\n\nRun 'docker ${verb} --help' for more information`
  const usage = (problem: string) => fail(`${problem}${hint}`, flags.usageCode ?? 1)
  const value = (name: string) => queue.shift() ?? usage(`flag needs an argument: ${name}`)

  function long(word: string) {
    const [name = '', inline] = split(word.slice(2))
    if (flags.values.includes(name)) add(name, inline ?? value(`--${name}`))
    else if (flags.switches.includes(name)) add(name, inline ?? 'true')
    else usage(`unknown flag: --${name}`)
  }

  function short(word: string) {
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] ?? ''
      const name = flags.shorts[letter]
      if (!name) return usage(`unknown shorthand flag: '${letter}' in ${word}`)
      if (flags.switches.includes(name)) {
        add(name, 'true')
        continue
      }
      return add(name, word.slice(at + 1).replace(/^=/, '') || value(`'${letter}' in ${word}`))
    }
  }

  while (queue.length > 0) {
    const word = queue.shift() ?? ''
    if (word === '--') {
      rest.push(...queue.splice(0))
    } else if (word.startsWith('--')) long(word)
    else if (word.startsWith('-') && word.length > 1) short(word)
    else {
      rest.push(word)
      if (flags.commandFollows) rest.push(...queue.splice(0))
    }
  }
  return {
    on: (name) => (given.get(name)?.at(-1) ?? 'false') !== 'false',
    one: (name) => given.get(name)?.at(-1) ?? null,
    all: (name) => given.get(name) ?? [],
    rest,
  }
}

function split(word: string): [string, string?] {
  const at = word.indexOf('=')
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)]
}
