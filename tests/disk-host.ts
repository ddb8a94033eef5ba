import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type LiveHost, liveHost } from '../core/cluster/hosts'
import { freshKeyPair } from '../core/cluster/key-pair'
import { sampleHost } from '../core/config/declared.sample'
import { sshServer } from '../demo/ssh-server'

export interface DiskHost {
  home: string
  port: number
  /** The own cache of its login. */
  hub: string
  live: LiveHost
  /** Commands that were run there. */
  readonly commands: number
  stop(): Promise<void>
}

/** A host with an empty home behind a real SSH server; its login sees `environment`, where `~/` is that home. */
export async function diskHost(
  id = 'spark-1',
  environment: Record<string, string> = {},
  login = freshKeyPair(),
): Promise<DiskHost> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'spark-disk-')))
  writeFileSync(join(home, 'authorized'), `${login.public}\n`)
  const seen = { HOME: home, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...environment }
  const logins = [{ user: 'spark', authorizedKeys: [join(home, 'authorized')], environment: seen }]
  const server = await sshServer({ address: '127.0.0.1', port: 0, hostKey: freshKeyPair().private, logins })
  const connected = liveHost(sampleHost(id, { sshPort: server.port }), {
    key: { privateKey: login.private, publicLine: login.public },
    hostKeys: { pinned: () => null, pin() {} },
  })
  await connected.ready(AbortSignal.timeout(10_000))
  let commands = 0
  const live: LiveHost = Object.create(connected, {
    run: {
      value: (...words: Parameters<LiveHost['run']>) => {
        commands++
        return connected.run(...words)
      },
    },
  })
  return {
    home,
    port: server.port,
    hub: join(home, '.cache/huggingface/hub'),
    live,
    get commands() {
      return commands
    },
    async stop() {
      connected.close()
      await server.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Writes a small file and the folders above it. */
export function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

/** A safetensors file with `bytes` of tensors, whole unless `less` of them are cut off. */
export function tensors(bytes: number, less = 0): Uint8Array {
  const header = Buffer.from(JSON.stringify({ weight: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } }))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, Buffer.alloc(bytes - less)])
}

/** Makes a file look as if it had last been written so long ago. */
export function aged(path: string, seconds: number): void {
  const at = new Date(Date.now() - seconds * 1000)
  utimesSync(path, at, at)
}
