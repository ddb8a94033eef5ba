import { addressProblem } from './host-address'

type Problem = { problem: string; remedy: string }

/** What is wrong with the address of a webhook as written, or null. Addresses of the LAN are the point of it. */
export function webhookUrlProblem(text: string): Problem | null {
  // Parsers differ in what they make of these.
  if (/[\\\s]/.test(text)) return wrong('holds a blank or a backslash', 'write the address as the receiver tells it')
  const url = URL.parse(text)
  if (!url || !/^https?:\/\//i.test(text) || url.hostname === '')
    return wrong('is not an address', 'write one that begins with http:// or https://')
  if (url.username !== '' || url.password !== '')
    return wrong('holds a user or password', 'take it out: the signature tells who sends')
  if (url.hash !== '') return wrong('holds a "#"', 'a receiver never sees what follows it; take it out')
  if (url.hostname.startsWith('[')) return wrong('is an IPv6 address', 'use the IPv4 address of the receiver')
  const address = addressProblem(url.hostname)
  if (address) return { ...address, remedy: address.remedy.replace('the Spark itself', 'the receiver') }
  const refused = refusedAddress(url.hostname)
  return refused === null ? null : wrong(refused, 'use the address of the receiver in your network')
}

/** Why nothing is ever sent to an IPv4 address, or null. */
export function refusedAddress(address: string): string | null {
  if (address.startsWith('0.')) return 'means "any address"'
  // Where clouds and routers tell their secrets to whoever asks.
  if (address.startsWith('169.254.')) return 'is a link-local address'
  return /^(22[4-9]|2[3-5]\d)\./.test(address) ? 'is a multicast or reserved address' : null
}

const wrong = (problem: string, remedy: string): Problem => ({ problem, remedy })
