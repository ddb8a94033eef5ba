/** Where lines go; `error` carries what vLLM writes to stderr. */
export interface Sink {
  out(text: string): void
  error(text: string): void
}

/** Who of a server's processes is speaking. */
export type Speaker = 'APIServer' | 'EngineCore' | `Worker_TP${number}`

/** The log of one server process, in vLLM's format. */
export interface Log {
  /** `(EngineCore pid=N) INFO 08-20 10:11:12 [core.py:102] text`. */
  info(speaker: Speaker, place: string, text: string): void
  error(speaker: Speaker, place: string, text: string): void
  /** A line of uvicorn or of a traceback: prefixed, but without a time. */
  plain(speaker: Speaker, text: string): void
  /** One state of a progress bar; `open` leaves the line unfinished, as tqdm does. */
  bar(speaker: Speaker, text: string, open?: boolean): void
}

const CYAN = '\x1b[0;36m'
const RESET = '\x1b[0;0m'

/** Writes to `sink` with this process's id in front of every line. */
export function createLog(sink: Sink, pid = process.pid, now = () => new Date()): Log {
  let open = false

  function prefix(speaker: Speaker) {
    return `(${speaker} pid=${pid}) `
  }

  function line(speaker: Speaker, level: string, place: string, text: string) {
    closeBar()
    const head = `${prefix(speaker)}${level} ${stamp(now())} [${place}] `
    for (const part of text.split('\n')) sink.out(`${head}${part}\n`)
  }

  function closeBar() {
    if (open) sink.error('\n')
    open = false
  }

  return {
    info: (speaker, place, text) => line(speaker, 'INFO', place, text),
    error: (speaker, place, text) => line(speaker, 'ERROR', place, text),
    plain(speaker, text) {
      closeBar()
      for (const part of text.split('\n')) sink.error(`${prefix(speaker)}${part}\n`)
    },
    bar(speaker, text, unfinished = false) {
      sink.error(`${open ? '' : `${CYAN}${prefix(speaker)}${RESET}`}\r${text}${unfinished ? '' : '\n'}`)
      open = unfinished
    },
  }
}

function stamp(date: Date): string {
  const two = (number: number) => String(number).padStart(2, '0')
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}
