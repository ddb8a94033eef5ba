import { join } from 'node:path'

export interface Program {
  pid: number
  stdout(): string
  stderr(): string
  /** The first group of the first line of stdout that fits. Rejects when the program ends before. */
  line(pattern: RegExp): Promise<string>
  kill(signal?: NodeJS.Signals): void
  exited: Promise<number>
}

const main = join(import.meta.dir, '../main.ts')

/** Starts `main.ts` with these words as a process of its own, as a person would. @param under a command that runs it, as `nice` */
export function program(
  words: string[],
  { env = {}, cwd, under = [] }: { env?: Record<string, string>; cwd?: string; under?: string[] } = {},
): Program {
  const child = Bun.spawn([...under, process.execPath, main, ...words], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  let over = false
  const read = (name: keyof typeof text) =>
    collect(child[name], (piece) => {
      text[name] += piece
      for (const look of waiting) look()
    })
  const exited = Promise.all([child.exited, read('stdout'), read('stderr')]).then(([code]) => {
    over = true
    for (const look of waiting) look()
    return code
  })

  return {
    pid: child.pid,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = text.stdout
            .split('\n')
            .slice(0, -1)
            .map((each) => pattern.exec(each)?.[1])
          const first = found.find((each) => each !== undefined)
          if (first === undefined && !over) return
          waiting.delete(look)
          if (first === undefined)
            reject(new Error(`${words.join(' ')}: ended without the line; it said ${text.stderr}`))
          else resolve(first)
        }
        waiting.add(look)
        look()
      }),
    kill: (signal = 'SIGTERM') => child.kill(signal),
    exited,
  }
}

async function collect(stream: ReadableStream<Uint8Array>, take: (piece: string) => void) {
  const decoder = new TextDecoder()
  for await (const piece of stream) take(decoder.decode(piece, { stream: true }))
}
