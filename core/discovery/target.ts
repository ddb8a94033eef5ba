import { addressProblem } from '../config/host-address'

/** One Spark to look at, as a person named it. */
export interface Target {
  user: string
  /** IPv4 literal or name; `.local` names are allowed here, their IPv4 address goes into the configuration. */
  address: string
  sshPort: number
}

const userName = /^[a-z_][a-z0-9_-]{0,31}$/
const mostTargets = 16

/** Reads `USER@ADDRESS[:PORT]`; the user may be left out where one is given for all. @throws {Error} saying what is wrong with it */
export function target(word: string, user = ''): Target {
  const [, named = user, address = '', port = '22'] = /^(?:([^@]*)@)?([^@:]*)(?::(\d{1,5}))?$/.exec(word) ?? []
  if (address === '') throw new Error(`${shown(word)}: is not USER@ADDRESS; write for example spark@192.0.2.11`)
  if (!userName.test(named)) throw new Error(`${shown(word)}: has no valid user name; write the login name before an @`)
  const problem = /\.local\.?$/i.test(address) ? addressProblem(`${address}.invalid`) : addressProblem(address)
  if (problem) throw new Error(`${shown(word)}: ${problem.problem}; ${problem.remedy}`)
  if (Number(port) < 1 || Number(port) > 65535)
    throw new Error(`${shown(word)}: has no valid port; leave it out for 22`)
  return { user: named, address, sshPort: Number(port) }
}

/** The addresses of a form, one a line or apart by blanks or commas. @throws {Error} for the first that is wrong, for none, for too many */
export function targets(text: string, user: string): Target[] {
  const words = text.split(/[\s,;]+/).filter(Boolean)
  if (words.length === 0) throw new Error('addresses: are missing; write the IP address of each Spark')
  if (words.length > mostTargets) throw new Error(`addresses: are over ${mostTargets}; look at fewer at once`)
  const found = words.map((word) => target(word, user))
  const keys = found.map(({ address, sshPort }) => `${address.toLowerCase()}:${sshPort}`)
  return found.filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
}

const shown = (word: string) => word.replace(/[^\x21-\x7e]/g, '?').slice(0, 80)
