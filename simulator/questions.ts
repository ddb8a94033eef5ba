import type { Answer, Ask } from '../core/cluster/probe'
import type { StepContext } from '../core/swap/steps/step'
import type { Engine } from './engine'
import { type Life, never } from './life'
import type { Line } from './line'
import type { World } from './world'

/** Asks the engines by HTTP, as a controller does. @param lines by host id */
export function questions(lines: Map<string, Line>, life: Life, world: World): StepContext['ask'] {
  const { time, sparks, trace } = world

  return (address, port, timeoutMs, signal): Ask => {
    const spark = [...sparks.values()].find(({ host }) => host.address === address)

    return (path, init = {}) => {
      const name = `${spark?.host.id} :${port}${path}`
      const mishap = life.fate({ kind: 'question', name })
      if (mishap) trace.add(`${life.name} ${name}: ${mishap}`)
      if (mishap?.startsWith('killed')) life.kill(name)
      if (!life.alive) return never()
      const limit = init.timeoutMs ?? timeoutMs
      return new Promise<Answer>((resolve, reject) => {
        const offs: (() => void)[] = []
        const settle = (how: () => void) => {
          for (const off of offs) off()
          if (life.alive) how()
        }
        const abort = () => settle(() => reject(signal?.reason))
        if (signal?.aborted) return void time.after(0, abort)
        signal?.addEventListener('abort', abort, { once: true })
        offs.push(() => signal?.removeEventListener('abort', abort))
        const line = spark && lines.get(spark.host.id)
        if (!spark || !line?.up || mishap === 'throws' || mishap === 'late') {
          offs.push(time.after(limit, () => settle(() => reject(tooLate()))))
          return
        }
        const tookMs = life.random.int(1, 8)
        offs.push(
          time.after(tookMs, () => {
            const engine = spark.engines().find((each) => each.sparks[0] === spark && each.port === port)
            const answer = mishap === 'fails' || mishap === 'reply-lost' ? null : answerOf(engine, path)
            settle(() => (answer ? resolve({ ...answer, tookMs }) : reject(refused())))
          }),
        )
      })
    }
  }
}

function answerOf(engine: Engine | undefined, path: string): Omit<Answer, 'tookMs'> | null {
  if (engine?.state !== 'serving') return null
  if (path === '/v1/models') return json({ data: [{ id: engine.serves, root: engine.serves }] })
  if (path === '/metrics') return { status: 200, text: '' }
  return engine.gives ? json({ choices: [{ text: '!' }] }) : { status: 500, text: 'internal error' }
}

function json(body: object) {
  return { status: 200, text: JSON.stringify(body) }
}

function tooLate() {
  return new DOMException('it took too long', 'TimeoutError')
}

function refused() {
  return Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' })
}
