export interface Log {
  info(event: string, facts?: Record<string, unknown>): void
  warn(event: string, facts?: Record<string, unknown>): void
  error(event: string, facts?: Record<string, unknown>): void
}

/** Writes one JSON line an event; facts are names and figures, never what people said or sent. */
export function jsonLog(write: (line: string) => void = (line) => process.stderr.write(`${line}\n`)): Log {
  const at =
    (level: string) =>
    (event: string, facts: Record<string, unknown> = {}) =>
      write(JSON.stringify({ at: new Date().toISOString(), level, event, ...facts }))
  return { info: at('info'), warn: at('warn'), error: at('error') }
}
