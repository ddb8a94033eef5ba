import { residentMb } from './child'
import { peers } from './peers'
import type { Report } from './report'
import { interleaved } from './rounds'

const megabytes = 200

/** One upload of 200 MB through every peer but Portkey, which has no route for it. */
export async function upload(): Promise<Report> {
  const bytes = new Uint8Array(megabytes * 1e6)
  await using running = await peers(['direct', 'nginx', 'gateway'])
  const rows = await interleaved(running.all, async ({ name, origin, pid }) => {
    const began = performance.now()
    const answer = await fetch(`${origin}/v1/upload`, { method: 'POST', body: bytes, proxy: '' })
    const arrived = Number(await answer.text())
    if (arrived !== bytes.length) throw new Error(`${name}: ${arrived} of ${bytes.length} bytes arrived`)
    const seconds = (performance.now() - began) / 1000
    return { 'MB/s': megabytes / seconds, 'memory after MB': residentMb(pid) }
  })
  return {
    title: `Upload of ${megabytes} MB`,
    rows,
    notes: [...running.skipped, 'portkey: left out; it has no such route'],
    ratios: ['MB/s'],
  }
}
