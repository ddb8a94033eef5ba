/** What a receiver answered. */
export interface Answer {
  status: number
  retryAfter: string | null
  /** The beginning of its body, as it came. */
  text: string
}

const mostHeadBytes = 16 * 1024
const mostBodyBytes = 4096

/** Reads an HTTP/1 answer as its bytes come. */
export interface AnswerReader {
  /** True: enough was read. @throws {Error} when it is no HTTP */
  take(bytes: Uint8Array): boolean
  /** What was read so far; null before the end of its head. */
  answer(): Answer | null
}

/** Reads the head and at most 4 kB of the body of one answer. */
export function answerReader(): AnswerReader {
  let buffer = Buffer.alloc(0)
  let head: { status: number; fields: Map<string, string> } | null = null

  function take(bytes: Uint8Array) {
    buffer = Buffer.concat([buffer, bytes])
    while (!head) {
      const end = buffer.indexOf('\r\n\r\n')
      if (end < 0) {
        if (buffer.length > mostHeadBytes || !mayBeHttp(buffer)) throw new Error('it does not speak HTTP')
        return false
      }
      const read = headOf(buffer.subarray(0, end).toString('latin1'))
      buffer = buffer.subarray(end + 4)
      // 1xx only announces an answer.
      if (read.status >= 200) head = read
    }
    return enough(head)
  }

  function enough({ status, fields }: { status: number; fields: Map<string, string> }) {
    const length = Number(fields.get('content-length') ?? Number.NaN)
    const chunked = fields.get('transfer-encoding')?.toLowerCase().includes('chunked') === true
    const whole = chunked
      ? buffer.includes('\r\n0\r\n') || buffer.subarray(0, 3).equals(lastChunk)
      : buffer.length >= length
    return whole || status === 204 || status === 304 || buffer.length >= mostBodyBytes
  }

  return {
    take,
    answer() {
      if (!head) return null
      const body = buffer.subarray(0, mostBodyBytes).toString('utf8')
      // The beginning is all that is shown: the length of its first chunk goes, the rest is as it came.
      const text = head.fields.has('transfer-encoding') ? body.replace(/^[^\r\n]*\r\n/, '') : body
      return { status: head.status, retryAfter: head.fields.get('retry-after') ?? null, text }
    },
  }
}

const lastChunk = Buffer.from('0\r\n')

function mayBeHttp(begin: Buffer): boolean {
  const wanted = 'HTTP/1.'
  const said = begin.subarray(0, wanted.length).toString('latin1')
  return wanted.startsWith(said) || said === wanted
}

function headOf(text: string): { status: number; fields: Map<string, string> } {
  const [first = '', ...lines] = text.split('\r\n')
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/.exec(first)?.[1]
  if (!status) throw new Error('it does not speak HTTP')
  const fields = lines.map((line): [string, string] => {
    const at = line.indexOf(':')
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]
  })
  return { status: Number(status), fields: new Map(fields) }
}
