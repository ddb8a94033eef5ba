import type { Host } from '../config/cluster'

/**
 * Words without addresses and login names, which have no business at a receiver.
 * @param instead what stands for an address that is nobody's
 */
export function anonymous(words: string, hosts: readonly Host[], instead = 'a host'): string {
  const named = hosts.reduce(
    (text, { id, user, address }) =>
      text.replaceAll(`${user}@`, '').replaceAll(`login of ${user}`, 'login').replaceAll(address, id),
    words,
  )
  return named.replace(/\b\d{1,3}(\.\d{1,3}){3}\b/g, instead)
}
