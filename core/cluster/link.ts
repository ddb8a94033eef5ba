import type { HostState } from './snapshot'

/** Why a host's connection is as it is, in words for the person who must mend it. */
export interface Link {
  state: HostState
  code: LinkCode
  /** When it became so, ms since the epoch; a lost link is noticed a little later than that. */
  since: number
  cause: string | null
  remedy: string | null
  /** Fingerprints, where the host was refused for showing another key than the pinned one. */
  hostKey?: { pinned: string; shown: string }
}

export type LinkCode =
  | 'connected'
  | 'never_tried'
  | 'host_unreachable'
  | 'ssh_port_closed'
  | 'ssh_unresponsive'
  | 'ssh_turned_away'
  | 'key_refused'
  | 'host_key_changed'
  | 'link_lost'
  | 'ssh_error'

/** What went wrong on the way to a connection, as the effects saw it. */
export interface LinkFailure {
  stage: 'connect' | 'handshake' | 'authentication' | 'established'
  /** errno name or ssh2's level. */
  code: string
  message: string
  /** When it happened, ms since the epoch; now when left out. */
  at?: number
  /** Set when the host showed another key than the pinned one. */
  hostKey?: { pinned: string; shown: string }
}

export const neverTried: Link = { state: 'unknown', code: 'never_tried', since: 0, cause: null, remedy: null }

/** @param since when the way to the host was open, ms since the epoch */
export function linkUp(since: number): Link {
  return { state: 'up', code: 'connected', since, cause: null, remedy: null }
}

/** Names the cause and the remedy of a failed or lost connection. */
export function linkAfter(failure: LinkFailure, address: string, port: number, user: string): Link {
  const since = failure.at ?? Date.now()
  const link = (state: HostState, code: LinkCode, words: { cause: string; remedy: string }): Link => ({
    state,
    code,
    since,
    ...words,
  })
  if (failure.hostKey) {
    const refused = link('refused', 'host_key_changed', {
      cause: `the host key changed: pinned ${failure.hostKey.pinned}, shown ${failure.hostKey.shown}`,
      remedy: 'if you reinstalled this Spark, accept the new key; if not, someone may stand in between, so do not',
    })
    return { ...refused, hostKey: failure.hostKey }
  }
  if (failure.stage === 'authentication') {
    return link('refused', 'key_refused', {
      cause: `${user}@${address} refused the key of this controller`,
      remedy: `paste the key line shown here into ~${user}/.ssh/authorized_keys on that Spark, then try again`,
    })
  }
  if (failure.stage === 'handshake' && failure.code !== 'silent' && failure.code !== 'client-timeout') {
    return link('unresponsive', 'ssh_turned_away', {
      cause: `port ${port} opens, but SSH hangs up before the login (${failure.message})`,
      remedy:
        'too many logins at once (MaxStartups), a penalty for this address, or no SSH server there; it is tried again, slower and slower',
    })
  }
  if (failure.stage === 'handshake') {
    return link('unresponsive', 'ssh_unresponsive', {
      cause: `port ${port} opens, but SSH does not answer (${failure.message})`,
      remedy: 'the Spark may be out of memory or frozen; wait a few minutes, then power-cycle it',
    })
  }
  if (failure.code === 'ECONNREFUSED') {
    return link('unreachable', 'ssh_port_closed', {
      cause: `${address} answers, but nothing listens on port ${port}`,
      remedy: 'start sshd on that Spark (sudo systemctl start ssh) or correct ssh_port',
    })
  }
  if (failure.stage === 'established') {
    return link('unreachable', 'link_lost', {
      cause: `the connection to ${address} was lost (${failure.message})`,
      remedy: 'check power and network of that Spark; it is tried again by itself',
    })
  }
  return link('unreachable', 'host_unreachable', {
    cause: `${address} does not answer (${failure.code})`,
    remedy: 'check that the Spark is on, its cable, and the address in spark.config.yaml',
  })
}

/** A person has to act first: trying again by itself would only lock the controller out (sshd's penalties). */
export function needsPerson(link: Link): boolean {
  return link.code === 'key_refused' || link.code === 'host_key_changed'
}
