import { logLine } from '../../services/log-text'

const token = /\bhf_[A-Za-z0-9]{16,}/g

/** A line that a tool printed, inert and without any Hugging Face token. @param known a token that may look otherwise */
export function scrubbed(line: string, known: string | null = null): string {
  const text = known === null || known.length < 4 ? line : line.replaceAll(known, 'hf_…')
  return logLine(text).replace(token, 'hf_…').slice(0, 1000)
}
