// C0 but for tab, DEL, C1, line separators and the characters that reorder text.
const control = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
const longest = 16_384
const shownStates = 50

/** One raw line of a container's log as inert text: no colours, no control characters, at most 16 kB, a progress bar in its last state. */
export function logLine(raw: string): string {
  // A bar may have been drawn anew thousands of times on one line.
  const states = raw.split('\r').slice(-shownStates)
  for (let index = states.length - 1; index > 0; index--) {
    const text = inert(states[index] ?? '')
    if (text.trim() !== '') return text
  }
  return inert(states[0] ?? '')
}

function inert(raw: string): string {
  const text = Bun.stripANSI(raw.slice(0, 2 * longest)).replace(control, '')
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

/** Cuts what arrives into lines, however it arrives; a line that never ends is cut at 64 kB. */
export function logLines(onLines: (raw: string[]) => void) {
  const decoder = new TextDecoder()
  let pending = ''
  return function push(chunk: Uint8Array) {
    const parts = (pending + decoder.decode(chunk, { stream: true })).split('\n')
    pending = parts.pop() ?? ''
    if (pending.length > 4 * longest) {
      parts.push(pending)
      pending = ''
    }
    if (parts.length > 0) onLines(parts)
  }
}
