import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'

// DER of an unencrypted PKCS#8 Ed25519 key, up to its 32 bytes.
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * The private key that a simulated host shows, in OpenSSH text. It follows from the name alone, so that a controller that
 * pinned it knows the host again in the next demo; it guards nothing.
 */
export function hostKey(name: string): string {
  const seed = createHash('sha256').update(`simulated ${name}`).digest()
  const pair = createPublicKey(createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' }))
  const open = pair.export({ format: 'der', type: 'spki' }).subarray(-32)
  const type = field('ssh-ed25519')
  const check = Buffer.alloc(8)
  const inner = Buffer.concat([check, type, field(open), field(Buffer.concat([seed, open])), field(name)])
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, index) => index + 1))
  const blob = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    length(1),
    field(Buffer.concat([type, field(open)])),
    field(Buffer.concat([inner, padding])),
  ])
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? []
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string)
  return Buffer.concat([length(bytes.length), bytes])
}

function length(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
