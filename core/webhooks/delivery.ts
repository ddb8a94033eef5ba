/** `waiting`: it will be sent, but something else has to happen first, as `reason` says. */
export type DeliveryState = 'pending' | 'waiting' | 'delivered' | 'dead'
export const deliveryStates: readonly DeliveryState[] = ['pending', 'waiting', 'delivered', 'dead']

export interface AttemptView {
  /** RFC 3339. */
  at: string
  /** HTTP status; null where there was no answer. */
  status: number | null
  ms: number
  /** Null where it arrived. */
  error: string | null
  /** When the next one was planned for; null where there is none. */
  next_at: string | null
}

/** One message on its way to one target. */
export interface DeliveryView {
  id: string
  /** Id of the message, which every attempt carries as `webhook-id`. */
  message: string
  type: string
  /** Order in which things were told. */
  sequence: number
  /** When the event happened, RFC 3339. */
  at: string
  /** Of the target, without user, password and the values of its query. */
  url: string
  state: DeliveryState
  /** Why it waits. */
  reason: string | null
  attempts: AttemptView[]
  /** When it is sent next, RFC 3339; null where it is not. */
  next_at: string | null
}

/** Why a target is sent nothing now, with what to do about it. */
export interface Obstacle {
  text: string
  remedy: string
}

/** One declared target. */
export interface TargetView {
  /** Without the values of its query. */
  url: string
  /** Name of its secret. */
  secret: string
  /** The types it is told of; empty: all. */
  events: string[]
  obstacle: Obstacle | null
}

/** A target's address for people: what may hold a secret is left out. */
export function shownUrl(text: string): string {
  const url = new URL(text)
  url.username = ''
  url.password = ''
  const names = [...url.searchParams.keys()].map((name) => `${encodeURIComponent(name)}=…`)
  return `${url.origin}${url.pathname}${names.length === 0 ? '' : `?${names.join('&')}`}`
}
