import type { Link } from '../core/cluster/link'
import { NotConnectedError, type RunOptions, type RunResult, TooLongError } from '../core/cluster/remote-commands'
import type { SwapHost } from '../core/swap/steps/step'
import { runCommand, type Said, UnknownCommand } from './commands'
import { type Life, never } from './life'
import type { Line } from './line'
import { process } from './process'
import type { Spark } from './spark'
import type { World } from './world'

/** A Spark as a controller has it: over a connection that comes and goes. */
export function wire(spark: Spark, line: Line, life: Life, world: World): SwapHost {
  const { time, trace } = world
  const { host } = spark
  const draw = life.random

  function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const { input = '', timeoutMs = 15_000, signal } = options
    const name = nameOf(argv)
    const mishap = life.fate({ kind: 'command', name: `${host.id} ${name}` })
    if (mishap) trace.add(`${life.name} ${host.id} ${name}: ${mishap}`)
    if (mishap === 'killed-before') life.kill(name)
    if (!life.alive) return never()
    const remote = process(time)
    return new Promise((resolve, reject) => {
      let open = true
      const offs: (() => void)[] = []
      const settle = (how: () => void) => {
        if (!open) return
        open = false
        for (const off of offs) off()
        if (life.alive) how()
      }
      const lost = () => settle(() => reject(notConnected(host.id)))
      // sshd ends a command whose connection is gone only when it prints.
      const cut = () => {
        if (draw.chance(0.5)) remote.end()
        lost()
      }
      const breakOff = (reason: unknown) => {
        offs.push(
          time.after(draw.int(20, 200), () => {
            remote.end()
            settle(() => reject(reason))
          }),
        )
      }
      const abort = () => breakOff(signal?.reason)
      const arrived = async () => {
        const text = typeof input === 'string' ? input : new TextDecoder().decode(input)
        if (mishap === 'killed-within') time.after(draw.int(0, 50), () => life.kill(name))
        const said = await runCommand({ spark, argv, input: text, fence: null, process: remote }, world).catch(refused)
        remote.end()
        if (mishap === 'killed-after') life.kill(name)
        if (mishap === 'reply-lost') return line.cut(draw.int(500, 3000))
        offs.push(time.after(draw.int(1, 10), () => settle(() => resolve(resultOf(said)))))
      }
      // A killed controller's commands go on, or end with its connections.
      life.onKill(() => {
        if (open && draw.chance(0.5)) remote.end()
      })
      if (signal?.aborted) return void time.after(0, () => settle(() => reject(signal.reason)))
      if (!line.up) return void time.after(1, lost)
      if (mishap === 'fails') {
        const said = { code: 1, stderr: 'Input/output error' }
        return void time.after(20, () => settle(() => resolve(resultOf(said))))
      }
      const over = () =>
        breakOff(new TooLongError(`${argv[0]}: took over ${timeoutMs / 1000} s on ${host.id}; try again`))
      offs.push(time.after(timeoutMs, over))
      if (mishap === 'throws') return
      offs.push(line.onCut(cut))
      signal?.addEventListener('abort', abort, { once: true })
      offs.push(() => signal?.removeEventListener('abort', abort))
      if (mishap === 'late') {
        time.after(draw.int(2000, 600_000), () => {
          trace.add(`${host.id} ${name} of ${life.name} arrives late`)
          if (spark.up) void arrived()
        })
        return line.cut(draw.int(500, 5000))
      }
      time.after(draw.int(1, 10), () => {
        // What was not on its way yet when the link was lost is never sent.
        if (open || draw.chance(0.5)) void arrived()
      })
    })
  }

  function refused(error: unknown): Said {
    if (error instanceof UnknownCommand) world.witness.failed(error)
    return { code: 255, stderr: String(error) }
  }

  return {
    host,
    address: host.address,
    get link() {
      return line.up ? up : down
    },
    run,
  }
}

const up: Link = { state: 'up', code: 'connected', since: 0, cause: null, remedy: null }
const down: Link = { state: 'unreachable', code: 'link_lost', since: 0, cause: 'does not answer', remedy: 'look at it' }

/** What tells a command apart for a person: its script's name, or its first words. */
export function nameOf(argv: readonly string[]): string {
  const at = argv.findIndex((word) => word.startsWith('spark-control-'))
  if (at === -1) return argv.slice(0, 3).join(' ')
  const words = argv.slice(at + 1)
  const inner = argv[at] === 'spark-control-fence' && words[0] === 'run' ? ` ${nameOf(words.slice(5))}` : ''
  const said = inner === '' ? words.slice(0, 1) : []
  return [(argv[at] ?? '').replace('spark-control-', ''), ...said].join(' ') + inner
}

function notConnected(id: string): NotConnectedError {
  return new NotConnectedError(`${id}: not connected`)
}

function resultOf({ code, stdout = '', stderr = '' }: Said): RunResult {
  return { code, signal: null, stdout, stdoutBytes: Buffer.byteLength(stdout), stderr }
}
