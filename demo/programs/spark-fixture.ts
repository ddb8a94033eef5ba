import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeModels } from '../models'

/** A program that runs on a simulated Spark, for tests. */
export interface Running {
  pid: number
  url: string
  /** All it has printed so far. */
  log(): string
  /** Resolves when the log contains the text; rejects with the log when the program ends before that. */
  until(text: string): Promise<void>
  exited: Promise<number>
  kill(signal?: NodeJS.Signals): void
}

/** A simulated Spark without SSH and Docker: its folder, its models, and a way to start programs on it. */
export interface SparkFixture {
  directory: string
  cluster: string
  setAvailable(gib: number): void
  setFault(file: string, fault: object | null): void
  /** Bytes that a program claims of the memory. */
  claim(program: Running): number
  vllm(words: string[], options?: StartOptions): Promise<Running>
  program(name: string, options?: StartOptions): Promise<Running>
  end(): void
}

export interface StartOptions {
  port?: number
  speed?: number
  tokenMs?: number
  environment?: Record<string, string>
}

/** Builds one in the temporary directory; `cluster` puts a second one beside the first. */
export function sparkFixture({ models = [] as string[], cluster = '', id = 'spark-1' } = {}): SparkFixture {
  const root = cluster || mkdtempSync(join(tmpdir(), 'spark-fixture-'))
  const directory = join(root, 'hosts', id)
  const started: Running[] = []
  for (const folder of ['proc', 'state/faults', 'state/memory']) mkdirSync(join(directory, folder), { recursive: true })
  writeModels(join(directory, 'home/.cache/huggingface/hub'), models)
  setAvailable(115)

  function setAvailable(gib: number) {
    const text = `MemTotal:       127600748 kB\nMemAvailable:   ${Math.round(gib * 2 ** 20)} kB\n`
    writeFileSync(join(directory, 'proc/meminfo'), text)
  }

  function setFault(file: string, fault: object | null) {
    const path = file.startsWith('faults/') ? join(root, file) : join(directory, 'state/faults', file)
    mkdirSync(join(path, '..'), { recursive: true })
    if (fault) writeFileSync(path, JSON.stringify(fault))
    else rmSync(path, { force: true })
  }

  function claim({ pid }: Running) {
    return Number(readFileSync(join(directory, 'state/memory', String(pid)), 'utf8').split(' ')[0])
  }

  function run(
    file: string,
    words: string[],
    port: number,
    { speed = 200, tokenMs = 2, environment = {} }: StartOptions,
  ): Running {
    let text = ''
    const waiting = new Set<() => void>()
    const child = Bun.spawn([process.execPath, join(import.meta.dir, file), ...words], {
      env: {
        PATH: process.env.PATH,
        HOME: join(directory, 'home'),
        SPARK_SIM_DIR: directory,
        SPARK_SIM_CLUSTER: root,
        SPARK_SIM_HOST: id,
        SPARK_SIM_ADDRESS: '127.0.0.1',
        SPARK_SIM_SPEED: String(speed),
        SPARK_SIM_TOKEN_MS: String(tokenMs),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const read = async (stream: ReadableStream<Uint8Array>) => {
      const decoder = new TextDecoder()
      for await (const part of stream) {
        text += decoder.decode(part, { stream: true })
        for (const look of waiting) look()
      }
    }
    const exited = Promise.all([child.exited, read(child.stdout), read(child.stderr)]).then(([code]) => code)
    const running: Running = {
      pid: child.pid,
      url: `http://127.0.0.1:${port}`,
      exited,
      log: () => text,
      kill: (signal) => child.kill(signal),
      async until(wanted) {
        const seen = Promise.withResolvers<void>()
        const look = () => text.includes(wanted) && seen.resolve()
        waiting.add(look)
        look()
        const ended = exited.then((code) => {
          if (!text.includes(wanted)) throw new Error(`ended with ${code} before it said ${wanted}:\n${text}`)
        })
        await Promise.race([seen.promise, ended])
        waiting.delete(look)
      },
    }
    started.push(running)
    return running
  }

  return {
    directory,
    cluster: root,
    setAvailable,
    setFault,
    claim,
    async vllm(words, options = {}) {
      const port = options.port ?? (await freePort())
      return run('container/vllm.ts', ['serve', ...words, '--port', String(port)], port, options)
    },
    async program(name, options = {}) {
      const port = options.port ?? (await freePort())
      return run(`services/${name}.ts`, ['--port', String(port)], port, options)
    },
    end() {
      for (const one of started) one.kill('SIGKILL')
      if (!cluster) rmSync(root, { recursive: true, force: true })
    },
  }
}

/** A port of 127.0.0.1 that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address ? address.port : 0
}
