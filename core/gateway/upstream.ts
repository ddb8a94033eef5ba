/** Where a request goes: one declared service at its resolved address. */
export interface Upstream {
  service: string
  host: string
  /** `http://<IPv4>:<port>`, no path. */
  origin: string
  /** The name the upstream answers to, when the request's `model` must be rewritten. */
  model: string | null
  /** No byte from the upstream for this long ends the request. */
  idleMs: number
  /** Told of every piece of a good answer: who answers is not dead, whatever its health path says. */
  onAnswer?(): void
  /** Told when nothing of a request is passed on any more: its answer has ended, failed, or nobody wants it. */
  onEnd?(): void
}
