import type { Cluster } from '../config/cluster'
import { parseDocument } from '../config/document'

/** The hosts of the shipped spark.config.yaml, at addresses that are reserved for documentation (RFC 5737). */
const shipped: Record<string, string> = { 'spark-1': '192.0.2.11', 'spark-2': '192.0.2.12' }

/** Does the cluster stand for no real Spark: none is declared, or those of the shipped example? */
export function isUndeclared({ hosts }: Pick<Cluster, 'hosts'>): boolean {
  return isExample(hosts.map(({ id, address }) => [id, address]))
}

/** Does a configuration's text name a real Spark, or something that can't be read and so must not be lost? */
export function declaresSparks(text: string): boolean {
  const bare = text.replace(/^\s*(#.*)?$/gm, '').trim()
  if (bare === '') return false
  const { value } = parseDocument(text, '')
  if (value === undefined) return true
  const hosts = (value as { hosts?: unknown } | null)?.hosts
  if (typeof hosts !== 'object' || hosts === null) return false
  return !isExample(Object.entries(hosts).map(([id, host]) => [id, (host as { address?: unknown } | null)?.address]))
}

function isExample(hosts: [id: string, address: unknown][]): boolean {
  const placeholder = hosts.every(([, address]) => typeof address !== 'string' || /<[^<>]*>/.test(address))
  return placeholder || (hosts.length === 2 && hosts.every(([id, address]) => shipped[id] === address))
}
