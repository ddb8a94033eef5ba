import type { LiveHost } from '../../cluster/hosts'
import { jobFailure } from '../../jobs/job-failure'
import type { Look } from './examine'
import type { Orphans } from './orphans'

/** What the phases of a transfer work with. */
export interface TransferParts {
  hosts: Map<string, LiveHost>
  /** Where the Sparks ask for sizes; null: never. */
  hub: string | null
  /** Name of the declared secret, and its value now. */
  secret: string | null
  token(): string | null
  look: Look
  /** Repos whose weights are in use on any host. */
  inUse(): ReadonlySet<string>
  /** Another job brings or takes bytes on that host now. */
  busy(host: string, job: string): boolean
  orphans: Orphans
  /** Told whenever what lies on a host's disk has changed; resolves once that was seen. */
  changed(host: string): Promise<void>
}

/** @throws {JobFailure} when it is no longer declared */
export function hostNamed({ hosts }: Pick<TransferParts, 'hosts'>, id: string): LiveHost {
  const live = hosts.get(id)
  if (!live) throw jobFailure('unknown_host', `${id} is not declared`, 'add it under hosts in spark.config.yaml')
  return live
}
