import { aliases, type Flag, flags } from './flags'

/** A flag's value after its kind was checked. */
export type FlagValue = string | number | boolean | string[] | Record<string, unknown>

/** What `vllm serve MODEL [flags]` was asked. */
export interface Arguments {
  model: string | null
  values: Map<string, FlagValue>
  /** Variables set by a leading `env K=V …`. */
  environment: Record<string, string>
}

/** Raised where argparse would exit with status 2; `message` is what it prints. */
export class UsageError extends Error {}

const SERVE = 'usage: vllm serve [model_tag] [options]\nvllm serve: error: '
const TOP = 'usage: vllm [-h] [-v] {chat,complete,serve,launch,bench,collect-env,run-batch} ...\nvllm: error: '

/** Reads the words after the program's name, as vLLM's argparse does; a leading `env K=V vllm` is allowed. Throws UsageError. */
export function parseArguments(words: readonly string[]): Arguments {
  const { environment, rest } = stripEnvironment(words)
  const [command, ...input] = rest
  if (command !== 'serve') {
    const problem = command ? `argument subparser: invalid choice: '${command}'` : 'a command is required'
    throw new UsageError(`${TOP}${problem} (choose from chat, complete, serve, launch, bench, collect-env, run-batch)`)
  }
  const values = new Map<string, FlagValue>()
  const strays: string[] = []
  let model: string | null = null
  for (let word = input.shift(); word !== undefined; word = input.shift()) {
    if (!isFlag(word)) {
      if (model === null) model = word
      else strays.push(word)
      continue
    }
    const { flag, path, off, inline } = readName(word)
    if (!flag) {
      strays.push(word)
      continue
    }
    if (flag.kind === 'switch') {
      if (inline !== undefined) throw wrong(flag, `ignored explicit argument '${inline}'`)
      values.set(flag.name, !off)
      continue
    }
    const taken = inline === undefined ? takeWords(flag, input) : [inline]
    if (taken.length === 0) throw wrong(flag, `expected ${flag.kind === 'list' ? 'at least one' : 'one'} argument`)
    const value = readValue(flag, taken, path)
    values.set(flag.name, path.length > 0 ? merged(values.get(flag.name), value) : value)
  }
  if (strays.length > 0) throw new UsageError(`${TOP}unrecognized arguments: ${strays.join(' ')}`)
  return { model, values, environment }
}

function stripEnvironment(words: readonly string[]) {
  const rest = [...words]
  const environment: Record<string, string> = {}
  if (rest[0] === 'env') {
    rest.shift()
    for (
      let pair = /^([A-Za-z_]\w*)=(.*)$/s.exec(rest[0] ?? '');
      pair;
      pair = /^([A-Za-z_]\w*)=(.*)$/s.exec(rest[0] ?? '')
    ) {
      environment[pair[1] ?? ''] = pair[2] ?? ''
      rest.shift()
    }
  }
  if (rest[0] === 'vllm') rest.shift()
  return { environment, rest }
}

function isFlag(word: string): boolean {
  return word.startsWith('-') && !/^-\d+(\.\d+)?$/.test(word) && word !== '-'
}

function readName(word: string): { flag?: Flag; path: string[]; off: boolean; inline?: string } {
  // -O3 and -O.cudagraph_mode=NONE are short for the compilation config.
  const optimization = /^-O\.?(\d)?$/.exec(word.split('=')[0] ?? '')
  if (optimization?.[1]) return { flag: flags.get('optimization-level'), path: [], off: false, inline: optimization[1] }
  const long = word.replace(/^-O\./, '--compilation-config.')
  const equals = long.indexOf('=')
  const inline = equals < 0 ? undefined : long.slice(equals + 1)
  const written = equals < 0 ? long : long.slice(0, equals)
  const [head = '', ...path] = (aliases[written] ?? written).split('.')
  if (!head.startsWith('--')) return { path: [], off: false }
  const name = head.slice(2).replaceAll('_', '-')
  const flag = flags.get(name) ?? flags.get(name.replace(/^no-/, ''))
  const off = !flags.has(name)
  const allowed = flag && (!off || flag.kind === 'switch') && (path.length === 0 || flag.kind === 'json')
  return { flag: allowed ? flag : undefined, path, off, inline }
}

function takeWords(flag: Flag, input: string[]): string[] {
  const taken: string[] = []
  while (input[0] !== undefined && !isFlag(input[0]) && (flag.kind === 'list' || taken.length === 0)) {
    taken.push(input.shift() ?? '')
  }
  return taken
}

function readValue(flag: Flag, words: string[], path: string[]): FlagValue {
  const [word = ''] = words
  if (path.length > 0)
    return path.reduceRight<FlagValue>((inner, key) => ({ [key.replaceAll('-', '_')]: inner }), loose(word))
  if (flag.choices && !flag.choices.includes(word)) {
    const known = flag.choices.map((choice) => `'${choice}'`).join(', ')
    throw wrong(flag, `invalid choice: '${word}' (choose from ${known})`)
  }
  switch (flag.kind) {
    case 'list':
      return words
    case 'integer':
      if (!/^[+-]?\d+$/.test(word)) throw wrong(flag, `invalid int value: '${word}'`)
      return Number(word)
    case 'number':
      if (word.trim() === '' || Number.isNaN(Number(word))) throw wrong(flag, `invalid float value: '${word}'`)
      return Number(word)
    case 'count':
      return readCount(flag, word)
    case 'json':
      return readJson(flag, word)
    default:
      return word
  }
}

function readCount(flag: Flag, word: string): number {
  if (word === 'auto' && flag.name === 'max-model-len') return -1
  const [, digits, unit = ''] = /^(-?\d+(?:\.\d+)?)([kKmMgG]?)$/.exec(word) ?? []
  if (digits === undefined) throw wrong(flag, `invalid human_readable_int value: '${word}'`)
  const power = 'kmg'.indexOf(unit.toLowerCase()) + 1
  return Math.floor(Number(digits) * (unit === unit.toLowerCase() ? 1000 : 1024) ** (unit ? power : 0))
}

function readJson(flag: Flag, word: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(word)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Falls through to the words argparse has for it.
  }
  throw wrong(flag, `Value ${word} cannot be converted to <function loads at 0xffff8a1c3ba0>.`)
}

function loose(word: string): FlagValue {
  try {
    return JSON.parse(word)
  } catch {
    return word
  }
}

function merged(before: FlagValue | undefined, added: FlagValue): FlagValue {
  return typeof before === 'object' && typeof added === 'object' ? { ...before, ...added } : added
}

function wrong(flag: Flag, problem: string): UsageError {
  const short = Object.keys(aliases).filter((alias) => aliases[alias] === `--${flag.name}`)
  return new UsageError(`${SERVE}argument ${[`--${flag.name}`, ...short].join('/')}: ${problem}`)
}
