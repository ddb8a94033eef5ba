import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { freshKeyPair } from './key-pair'

export interface ControllerKey {
  privateKey: string
  /** One `authorized_keys` entry: `ssh-ed25519 AAAA… comment`. */
  publicLine: string
}

const comment = 'spark-control'

/**
 * The key this controller shows to every Spark: the configured file, or its own ed25519 key, made on first use.
 * @throws {Error} when the configured file can't be read or is no private key.
 */
export function controllerKey(dataDirectory: string, configured: string | null = null): ControllerKey {
  const path = configured ?? join(dataDirectory, 'ssh', 'id_ed25519')
  if (configured === null && !existsSync(path)) create(path)
  return read(path)
}

function create(path: string) {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 })
  const pair = freshKeyPair(comment)
  writeFileSync(path, pair.private, { mode: 0o600, flag: 'wx' })
  chmodSync(path, 0o600)
}

function read(path: string): ControllerKey {
  let privateKey: string
  try {
    privateKey = readFileSync(path, 'utf8')
  } catch {
    throw new Error('ssh.key: the key file cannot be read; check its path and rights')
  }
  const parsed = ssh2.utils.parseKey(privateKey)
  if (parsed instanceof Error) {
    throw new Error('ssh.key: is not a private key without passphrase; make one with ssh-keygen -t ed25519 -N ""')
  }
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  if (!key?.isPrivateKey()) throw new Error('ssh.key: is not a private key; name the file without .pub')
  return { privateKey, publicLine: `${key.type} ${key.getPublicSSH().toString('base64')} ${comment}` }
}

/** What to paste on the Spark, as the user who logs in there. Runs twice without harm. */
export function pasteLine(publicLine: string): string {
  return `mkdir -p -m 700 ~/.ssh && echo 'restrict ${publicLine}' >> ~/.ssh/authorized_keys && chmod 600 ~/.ssh/authorized_keys`
}
