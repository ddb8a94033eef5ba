import type { Cluster } from '../config/cluster'
import { parseDocument } from '../config/document'

/** Is it an address of the shipped example: a placeholder, or one that is reserved for documentation (RFC 5737)? */
export function isExample(address: unknown): boolean {
  return typeof address !== 'string' || /<[^<>]*>/.test(address) || /^192\.0\.2\.\d{1,3}$/.test(address)
}

/** Does the cluster stand for no real Spark? */
export function isUndeclared({ hosts }: Pick<Cluster, 'hosts'>): boolean {
  return hosts.every(({ address }) => isExample(address))
}

/** Does a configuration's text name a real Spark, or something that can't be read and so must not be lost? */
export function declaresSparks(text: string): boolean {
  const bare = text.replace(/^\s*(#.*)?$/gm, '').trim()
  if (bare === '') return false
  const { value } = parseDocument(text, '')
  if (value === undefined) return true
  const hosts = (value as { hosts?: unknown } | null)?.hosts
  if (typeof hosts !== 'object' || hosts === null) return false
  return Object.values(hosts).some((host) => !isExample((host as { address?: unknown } | null)?.address))
}
