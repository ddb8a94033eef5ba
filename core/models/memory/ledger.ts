/** Who holds memory on a host. */
export interface MemoryUse {
  /** Id of the declared service it belongs to; null where it is nobody's that we know. */
  service: string | null
  /** For a person: the service's title, a container's or a process' name. */
  name: string
  bytes: number
  /** The launch that is planned ends it, so its memory comes back. */
  ends: boolean
}

/** Where the memory of one host goes, in bytes; a null is not known. */
export interface HostLedger {
  host: string
  /** RFC 3339 of the figures; null while the host was never seen. */
  seen_at: string | null
  total_bytes: number | null
  available_bytes: number | null
  /** Page cache: counts as used for the GPU until the kernel takes it back. */
  cached_bytes: number | null
  /** Never given to a model, so that the host stays reachable. */
  reserve_bytes: number
  uses: MemoryUse[]
}
