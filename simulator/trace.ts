import type { VirtualTime } from './virtual-time'

/** What happened in a world, line by line. */
export interface Trace {
  add(line: string): void
  /** The last lines. */
  tail(): string[]
  /** Tells two runs apart that differ in any line. */
  readonly digest: string
}

const kept = 60

/** Keeps the last 60 lines and the digest of all. @param heard gets each line as it comes */
export function trace(time: VirtualTime, heard: (line: string) => void = () => {}): Trace {
  const lines: string[] = []
  let digest = 0n

  function add(text: string) {
    const line = `${(time.now / 1000).toFixed(3).padStart(10)} ${text}`
    digest = BigInt(Bun.hash(line, digest))
    lines.push(line)
    if (lines.length > 2 * kept) lines.splice(0, kept)
    heard(line)
  }

  return {
    add,
    tail: () => lines.slice(-kept),
    get digest() {
      return digest.toString(16)
    },
  }
}
