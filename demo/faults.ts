/** What can be made to go wrong, by whom it happens to. */
export const FAULTS = {
  hosts: [
    'link-down',
    'ssh-frozen',
    'reboot',
    'disk-full',
    'out-of-memory',
    'memory-not-released',
    'host-key-changed',
    'docker-down',
    'overheat',
  ],
  services: ['stop', 'crash', 'hang', 'slow', 'busy', 'stall', 'bad-json', 'reset-mid-stream'],
  recipes: ['fail-at-start', 'fail-at-load', 'stall-at-load', 'wrong-model'],
  hub: ['gated', 'rate-limited', 'broken', 'incomplete', 'truncate'],
} as const

export type FaultSubject = keyof typeof FAULTS
export type HostFault = (typeof FAULTS.hosts)[number]
export type ServiceFault = (typeof FAULTS.services)[number]
export type HubFault = (typeof FAULTS.hub)[number]
export type RecipeFault = (typeof FAULTS.recipes)[number]

const DEFAULT_SECONDS = 60
const MOST_SECONDS = 86_400

/** When a fault begins and ends, in milliseconds since the epoch. */
export interface FaultTimes {
  from: number
  until: number
}

/** A request for a fault that was understood; `problem` says why it was not, and names the field. */
export type FaultRequest<Kind> = { kind: Kind; seconds: number } | { problem: string; field: string }

/** Reads `{"kind", "seconds"}`; seconds may be left out (60). */
export function readFault<Subject extends FaultSubject>(
  subject: Subject,
  body: unknown,
): FaultRequest<(typeof FAULTS)[Subject][number]> {
  const { kind, seconds = DEFAULT_SECONDS } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >
  const kinds: readonly string[] = FAULTS[subject]
  if (!isOneOf(kind, FAULTS[subject])) {
    return {
      problem: `kind: ${kind === undefined ? 'is missing' : `${JSON.stringify(kind)} is none of them`}; choose one of ${kinds.join(', ')}`,
      field: '/kind',
    }
  }
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= MOST_SECONDS)) {
    return {
      problem: `seconds: must be a number above 0 and at most ${MOST_SECONDS}; leave it out for ${DEFAULT_SECONDS}`,
      field: '/seconds',
    }
  }
  return { kind, seconds }
}

/** The times of a fault that begins now. */
export function timesOf(seconds: number): FaultTimes {
  const from = Date.now()
  return { from, until: from + seconds * 1000 }
}

function isOneOf<Kind extends string>(value: unknown, kinds: readonly Kind[]): value is Kind {
  return (kinds as readonly unknown[]).includes(value)
}
