/** Why the hub, or the tool that asked it, did not give what was wanted; pure readings of what was said. */
export type HubTrouble =
  | { kind: 'missing' }
  | { kind: 'login' }
  | { kind: 'gated'; token: boolean }
  /** Tried again later; `afterS` is what the hub asked for. */
  | { kind: 'later'; why: string; afterS: number | null }

/** What a status of the hub means; null where it is none of trouble. */
export function troubleOfStatus(status: number, code: string | null, afterS: number | null): HubTrouble | null {
  if (status < 400) return null
  // The hub answers 401 for what does not exist to whoever is not logged in.
  if (status === 404 || /RepoNotFound|RevisionNotFound/.test(code ?? '')) return { kind: 'missing' }
  if (code === 'GatedRepo') return { kind: 'gated', token: status === 403 }
  if (status === 401) return { kind: 'login' }
  if (status === 403) return { kind: 'gated', token: true }
  if (status === 429) return { kind: 'later', why: 'the hub limits the rate (429)', afterS }
  if (status >= 500) return { kind: 'later', why: `the hub has trouble (${status})`, afterS }
  return null
}

/** What `hf download` said of why it gave up; null where it is something else. */
export function troubleOfText(said: string): HubTrouble | null {
  if (/Repository Not Found|RepositoryNotFoundError|Revision Not Found|RevisionNotFoundError/.test(said))
    return { kind: 'missing' }
  if (/GatedRepoError|Cannot access gated repo|is restricted|gated repo/i.test(said))
    return { kind: 'gated', token: /\b403\b|not in the authorized list/.test(said) }
  if (/\b429\b|Too Many Requests/.test(said))
    return { kind: 'later', why: 'the hub limits the rate (429)', afterS: afterOf(said) }
  const [, status] = /\b(5\d\d) (?:Server Error|Internal|Bad Gateway|Service|Gateway)/.exec(said) ?? []
  if (status) return { kind: 'later', why: `the hub has trouble (${status})`, afterS: afterOf(said) }
  if (/\b401\b.*(Client Error|Unauthorized)|Invalid (user token|username or password)/.test(said))
    return { kind: 'login' }
  if (/\b403\b.*(Client Error|Forbidden)/.test(said)) return { kind: 'gated', token: true }
  if (network.test(said)) return { kind: 'later', why: 'the hub can not be reached from there', afterS: null }
  return null
}

const network =
  /ConnectionError|ConnectError|ConnectTimeout|ReadTimeout|Max retries exceeded|Name or service not known|Temporary failure in name resolution|Network is unreachable|Connection (refused|reset|aborted)|LocalEntryNotFoundError|RemoteProtocolError|IncompleteRead/i

function afterOf(said: string): number | null {
  const found = /retry[- ]after[: ]+(\d{1,5})/i.exec(said)?.[1]
  return found === undefined ? null : Number(found)
}

/** Seconds to wait before the n-th new try (from 1): what the hub asked for, else longer each time. */
export function waitS(n: number, afterS: number | null): number {
  return Math.min(300, Math.max(1, afterS ?? 5 * 2 ** (n - 1)))
}
