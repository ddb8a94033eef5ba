import { isIPv6 } from 'node:net'
import type { Host } from '../config/cluster'

const ipv4 = /\b\d{1,3}(\.\d{1,3}){3}\b/g
// Its end may be the colon of a sentence.
const perhapsIpv6 = /(?<![\w:.])[\da-f]{0,4}(:[\da-f]{0,4}){2,8}(%[\w-]+)?(?!\w)/gi

/**
 * Words without addresses and login names, which have no business at a receiver.
 * @param instead what stands for an address that is nobody's
 */
export function anonymous(words: string, hosts: readonly Host[], instead = 'a host'): string {
  const ids = new Map(hosts.map(({ id, address }) => [address.toLowerCase(), id]))
  const nameOf = (address: string) => ids.get(address.toLowerCase()) ?? instead
  const users = alternatives(hosts.map(({ user }) => user))
  const addresses = alternatives([...ids.keys()].filter((address) => !isIPv6(address)))
  return words
    .replace(new RegExp(`(?<![\\w.-])${users}@`, 'g'), '')
    .replace(new RegExp(`login of ${users}(?![\\w-])`, 'g'), 'login')
    .replace(new RegExp(`(?<![\\w.-])${addresses}(?![\\w-]|\\.\\w)`, 'gi'), nameOf)
    .replace(perhapsIpv6, (found) => {
      const address = isIPv6(found) ? found : found.replace(/:$/, '')
      return /\w/.test(address) && isIPv6(address) ? nameOf(address) + found.slice(address.length) : found
    })
    .replace(ipv4, instead)
}

/** Any of these words, the longest first; nothing at all where there are none. */
function alternatives(words: readonly string[]): string {
  if (words.length === 0) return '(?!)'
  const longestFirst = words.toSorted((a, b) => b.length - a.length)
  return `(?:${longestFirst.map((word) => RegExp.escape(word)).join('|')})`
}
