import { residentMb } from './child'
import { type Peer, peers } from './peers'
import type { Report } from './report'
import { interleaved } from './rounds'
import { stream } from './streams'

const streams = 10_000
const atOnce = 64

/** Resident memory idle and after 10,000 streams of 500 tokens without pauses, 64 at a time. */
export async function memory(): Promise<Report> {
  await using running = await peers(['direct', 'nginx', 'gateway'])
  const proxies = running.all.filter(({ name }) => name !== 'direct')
  const rows = await interleaved(
    proxies,
    async (peer) => {
      const idle = residentMb(peer.pid)
      await manyStreams(peer)
      const after = residentMb(peer.pid)
      await Bun.sleep(5000)
      return { 'idle MB': idle, 'after MB': after, '5 s later MB': residentMb(peer.pid) }
    },
    1,
  )
  return {
    title: `Memory, ${streams} streams`,
    rows,
    notes: [...running.skipped, 'one run each: the streams are the rounds'],
  }
}

async function manyStreams(peer: Peer) {
  let left = streams
  const reader = async () => {
    while (left-- > 0) await stream(peer, 0)
  }
  await Promise.all(Array.from({ length: atOnce }, reader))
}
