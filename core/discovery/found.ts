import type { Link } from '../cluster/link'
import type { Recognised } from './recognise'
import type { Target } from './target'

/** One Spark that was asked for, and what was seen of it so far. */
export interface FoundSpark {
  /** `spark-1`, `spark-2`, … in the order they were given. */
  id: string
  target: Target
  /** IPv4 address that its name led to; null where it leads to none. */
  resolved: string | null
  link: Link
  /** The SSH host key it showed, `SHA256:…`. */
  fingerprint: string | null
  /** Null until it let this controller in and was looked at. */
  seen: Seen | null
}

/** What a look at a Spark brought; every text in it is foreign and printable. */
export interface Seen {
  hostname: string
  bootId: string
  machineId: string
  gpu: string
  driver: string
  memoryBytes: number | null
  diskFreeBytes: number | null
  /** Folder of spark-vllm-docker, `~/` for the user's home. */
  launcher: string | null
  addresses: { name: string; address: string }[]
  /** Address on a ConnectX port. */
  fabric: string | null
  docker: boolean
  containers: FoundContainer[]
  cache: { path: string; models: number; bytes: number | null } | null
  engines: FoundEngine[]
}

export interface FoundContainer {
  name: string
  image: string
  state: string
  /** Ports it publishes or names in its commands. */
  ports: number[]
}

/** What answers on a port of it. */
export interface FoundEngine {
  port: number
  container: FoundContainer | null
  recognised: Recognised
}
