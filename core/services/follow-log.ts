import type { LiveHost } from '../cluster/hosts'
import { logSamplerCommand } from './log-sampler'
import { logLine, logLines } from './log-text'

export interface FollowOptions {
  container: string
  /** How many of the lines before now it begins with. */
  lines: number
  signal: AbortSignal
  onLines(lines: string[]): void
}

const mark = '\x1e'

/**
 * Follows a container's log, over its stops and starts, until the signal; lines that a flood left out are counted in a line
 * of their own. Resolves when the container's log ends on a Spark without perl. @throws {NotConnectedError} when the link falls
 */
export async function followLog(live: LiveHost, { container, lines, signal, onLines }: FollowOptions): Promise<void> {
  const push = logLines((raw) => {
    const shown = raw.flatMap((line) => (line.startsWith(mark) ? told(line.slice(1)) : [logLine(line)]))
    if (shown.length > 0) onLines(shown)
  })
  await live.stream(logSamplerCommand(container, lines), { signal, onData: push })
}

/** What a mark of the sampler says to a reader; nothing where it is only a sign of life. */
function told(text: string): string[] {
  const left = /^left (\d{1,15})$/.exec(text)?.[1]
  if (left) return [`… ${Number(left).toLocaleString('en')} ${left === '1' ? 'line' : 'lines'} left out`]
  if (text === 'ended') return ['… the container does not run']
  return text === 'started' ? ['… the container runs again'] : []
}
