import { join } from 'node:path'
import { type Child, child, freePort } from './child'
import { gateway } from './gateway'
import { nginx } from './nginx'
import { portkey, portkeyHeaders } from './portkey'

export type PeerName = 'direct' | 'nginx' | 'gateway' | 'portkey'

/** One way to the upstream. */
export interface Peer {
  name: PeerName
  origin: string
  headers: Record<string, string>
  pid: number
}

/** Ports of the server behind all of them. */
export interface Upstream {
  port: number
  sinkPort: number
}

export interface Peers extends AsyncDisposable {
  all: Peer[]
  /** Why a peer is not there. */
  skipped: string[]
}

/** Starts the upstream and every peer in front of it that this machine has. */
export async function peers(names: PeerName[] = ['direct', 'nginx', 'gateway', 'portkey']): Promise<Peers> {
  const running: Child[] = []
  const all: Peer[] = []
  const skipped: string[] = []
  const up = { port: freePort(), sinkPort: freePort() }

  async function begin(name: PeerName, port: number, start: () => Promise<Child>, headers = {}) {
    try {
      const started = await start()
      running.push(started)
      all.push({ name, origin: `http://127.0.0.1:${port}`, headers, pid: started.pid })
    } catch (error) {
      // Without the upstream or the product there is nothing to compare.
      if (name === 'direct' || name === 'gateway') throw error
      skipped.push(`${name}: skipped: ${(error as Error).message}`)
    }
  }
  async function stop() {
    for (const each of running.reverse()) await each[Symbol.asyncDispose]()
  }
  const starts: Record<PeerName, (port: number) => Promise<void>> = {
    direct: () => begin('direct', up.port, () => server(up)),
    nginx: (port) => begin('nginx', port, () => nginx(port, up.port)),
    gateway: (port) => begin('gateway', port, () => gateway(port, up)),
    portkey: (port) => begin('portkey', port, () => portkey(port), portkeyHeaders(up.port)),
  }
  try {
    for (const name of names) await starts[name](freePort())
    for (const peer of all) await answering(peer)
  } catch (error) {
    await stop()
    throw error
  }
  return { all, skipped, [Symbol.asyncDispose]: stop }
}

/** Starts the server behind every peer. */
export function server({ port, sinkPort }: Upstream): Promise<Child> {
  const program = join(import.meta.dir, 'upstream.ts')
  return child([process.execPath, program, String(port), String(sinkPort)], `http://127.0.0.1:${port}/health`)
}

/** The small request of every bench. */
export const question = { model: 'bench/model', messages: [{ role: 'user', content: 'A short question, please.' }] }

async function answering({ name, origin, headers }: Peer): Promise<void> {
  const ask = () =>
    fetch(`${origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(question),
      proxy: '',
    })
  // The gateway serves a model only after its first probe of it.
  for (let tries = 0; tries < 100; tries++) {
    const answer = await ask()
    if (answer.ok && ((await answer.json()) as { object?: string }).object === 'chat.completion') return
    await Bun.sleep(100)
  }
  throw new Error(`${name}: does not pass a question on; look at its configuration`)
}
