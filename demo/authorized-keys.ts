import { timingSafeEqual } from 'node:crypto'
import ssh2, { type AuthContext, type ParsedKey } from 'ssh2'
import { read } from './machine/files'

/** Publickey only, for one user. The probe without a signature is let through first, as the protocol wants; then the signature counts. */
export function mayLogIn(context: AuthContext, user: string, files: string[]): boolean {
  if (context.method !== 'publickey' || context.username !== user) return false
  const key = files.flatMap(keysOf).find((one) => {
    const known = one.getPublicSSH()
    return known.length === context.key.data.length && timingSafeEqual(known, context.key.data)
  })
  if (!key) return false
  if (!context.signature || !context.blob) return true
  return key.verify(context.blob, context.signature, context.hashAlgo) === true
}

function keysOf(file: string): ParsedKey[] {
  return read(file)
    .split('\n')
    .flatMap((line) => {
      // A line may begin with options (`restrict`, `from="…"`), as sshd allows.
      const key = /^(?!#)(?:.*\s)?((?:ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/=]+(?: .*)?)$/.exec(line.trim())?.[1]
      const parsed = ssh2.utils.parseKey(key ?? '')
      return parsed instanceof Error ? [] : [parsed].flat()
    })
}
