export interface ServerSentEvent {
  event: string
  data: string
  id: string | null
}

/** Reads a Server-Sent Events answer event by event, until it ends or the reader breaks off. */
export async function* serverSent(answer: Response): AsyncGenerator<ServerSentEvent> {
  let text = ''
  for await (const piece of (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += piece
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = parsed(text.slice(0, end))
      text = text.slice(end + 2)
      if (event) yield event
    }
  }
}

function parsed(block: string): ServerSentEvent | null {
  const lines = block.split('\n')
  const all = (field: string) =>
    lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).replace(/^ /, ''))
  const data = all('data')
  return data.length > 0
    ? { event: all('event')[0] ?? 'message', data: data.join('\n'), id: all('id')[0] ?? null }
    : null
}
