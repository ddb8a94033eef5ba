import { writeSync } from 'node:fs'

/** Writes to standard output before it returns, so that a reader that is slow slows the writer; one that has gone ends the program. */
export function output(text: string | Uint8Array) {
  let left = typeof text === 'string' ? Buffer.from(text) : text
  while (left.length > 0) {
    try {
      left = left.subarray(writeSync(1, left))
    } catch (error) {
      // A pipe that is full says so instead of waiting when its other end was opened that way.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') process.exit(1)
      Bun.sleepSync(2)
    }
  }
}
