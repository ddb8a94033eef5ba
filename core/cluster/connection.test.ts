import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, connect as openSocket, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { type Connection, type ConnectionOptions, sshConnection } from './connection'
import type { Link } from './link'

const sshd = '/usr/sbin/sshd'
// Bun's userInfo() is `unknown` where USER is not set, as in CI.
const user = Bun.spawnSync(['id', '-un']).stdout.toString().trim()

// OpenSSH itself, run by an ordinary user on a free port of 127.0.0.1.
describe.skipIf(!existsSync(sshd))('sshConnection() against OpenSSH', () => {
  const directory = mkdtempSync(join(tmpdir(), 'spark-sshd-'))
  const key = ssh2.utils.generateKeyPairSync('ed25519')
  const open: Connection[] = []
  let daemon: ReturnType<typeof Bun.spawn>
  let port = 0
  let pinned: string | null = null

  const connect = (more: Partial<ConnectionOptions> = {}) => {
    const connection = sshConnection({
      address: '127.0.0.1',
      port,
      user,
      privateKey: key.private,
      pinned: () => pinned,
      pin: (fingerprint) => {
        pinned = fingerprint
      },
      ...more,
    })
    open.push(connection)
    return connection
  }

  beforeAll(async () => {
    const host = ssh2.utils.generateKeyPairSync('ed25519')
    writeFileSync(join(directory, 'host'), `${host.private}\n`, { mode: 0o600 })
    writeFileSync(join(directory, 'authorized'), `restrict ${key.public}\n`, { mode: 0o600 })
    port = await freePort()
    const config = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(directory, 'host')}`,
      `AuthorizedKeysFile ${join(directory, 'authorized')}`,
      `PidFile ${join(directory, 'pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'MaxSessions 10',
      // A heavy .bashrc of whoever runs the tests would make every command slow.
      `SetEnv HOME=${directory}`,
    ]
    writeFileSync(join(directory, 'config'), config.join('\n'))
    await Bun.$`mkdir -p /run/sshd`.nothrow().quiet()
    daemon = Bun.spawn([sshd, '-D', '-e', '-f', join(directory, 'config')], { stdout: 'ignore', stderr: 'ignore' })
    await connect().ready(AbortSignal.timeout(10_000))
  })

  afterAll(async () => {
    for (const connection of open) connection.close()
    daemon.kill()
    await daemon.exited
    rmSync(directory, { recursive: true, force: true })
  })

  test('runs a command with its arguments, input, output and exit code', async () => {
    const connection = connect()
    await connection.ready()
    const argv = [
      'sh',
      '-c',
      'cat; printf "%s|" "$@"; echo oops >&2; exit 3',
      'x',
      'a b',
      "it's",
      '$HOME',
      'new\nline',
      '*',
    ]
    const result = await connection.run(argv, { input: 'in ' })
    expect(result).toMatchObject({ code: 3, signal: null, stdout: "in a b|it's|$HOME|new\nline|*|", stderr: 'oops\n' })
  })

  test('runs more commands at once than sshd takes sessions', async () => {
    const connection = connect()
    await connection.ready()
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, n) => connection.run(['sh', '-c', 'sleep 0.05; echo "$1"', 'x', String(n)])),
    )
    expect(results.map((result) => result.stdout.trim())).toEqual(Array.from({ length: 30 }, (_, n) => String(n)))
  })

  test('an abort really ends the remote command', async () => {
    const connection = connect()
    await connection.ready()
    const abort = new AbortController()
    const mark = join(directory, 'pid-of-sleep')
    const running = connection.run(['sh', '-c', 'echo $$ > "$1"; exec sleep 300', 'x', mark], {
      signal: abort.signal,
      timeoutMs: 60_000,
    })
    await until(() => existsSync(mark) && readFileSync(mark, 'utf8').trim() !== '')
    abort.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    const pid = Number(readFileSync(mark, 'utf8'))
    await until(() => !alive(pid))
  })

  test('a command that takes too long, or prints too much, is ended with its reason', async () => {
    const connection = connect()
    await connection.ready()
    await expect(connection.run(['sleep', '300'], { timeoutMs: 100 })).rejects.toThrow('took over 0.1 s')
    await expect(connection.run(['head', '-c', '3000000', '/dev/zero'], { maxBytes: 1000 })).rejects.toThrow(
      'printed over 1000 bytes',
    )
    expect((await connection.run(['echo', 'still there'])).stdout).toBe('still there\n')
  })

  test('a refused key is told once and not tried again', async () => {
    const stranger = ssh2.utils.generateKeyPairSync('ed25519')
    const links: string[] = []
    const connection = connect({ privateKey: stranger.private, onLink: (link) => links.push(link.code) })
    await until(() => links.length > 0)
    await Bun.sleep(700)
    expect(links).toEqual(['key_refused'])
    expect(connection.link.state).toBe('refused')
  })

  test('another host key than the pinned one is refused with both fingerprints', async () => {
    const connection = connect({ pinned: () => 'SHA256:something-else' })
    await until(() => connection.link.state === 'refused')
    expect(connection.link.code).toBe('host_key_changed')
    expect(connection.link.cause).toContain('SHA256:something-else')
    expect(connection.link.cause).toContain(pinned ?? 'nothing')
    await expect(connection.run(['true'])).rejects.toThrow('host key changed')
  })

  test('notices that the other side fell silent, tells since when, and comes back', async () => {
    const { proxy, mute } = await muteable(port)
    const links: Link[] = []
    const connection = connect({ port: proxy, onLink: (link) => links.push(link) })
    await connection.ready()
    const running = connection.run(['sleep', '300'], { timeoutMs: 60_000 })
    await Bun.sleep(600)
    const silentAt = Date.now()
    mute(true)
    await expect(running).rejects.toThrow('no sign of life')
    expect(links.at(-1)).toMatchObject({ state: 'unreachable', code: 'link_lost' })
    expect(Math.abs((links.at(-1)?.since ?? 0) - silentAt)).toBeLessThan(300)
    await until(() => connection.link.state === 'unresponsive')
    mute(false)
    await until(() => connection.link.state === 'up')
    expect((await connection.run(['echo', 'again'])).stdout).toBe('again\n')
  })

  test('comes back by itself when its session is killed', async () => {
    const connection = connect()
    await connection.ready()
    const session = (await connection.run(['sh', '-c', 'echo $PPID'])).stdout.trim()
    const cut = connection.run(['sleep', '300'], { timeoutMs: 60_000 })
    process.kill(Number(session), 'SIGKILL')
    await expect(cut).rejects.toThrow()
    await until(() => connection.link.state === 'up')
    expect((await connection.run(['echo', 'again'])).stdout).toBe('again\n')
  })
})

describe('sshConnection() to an SSH server with few sessions', () => {
  test('lets commands wait for each other when it gives fewer than usual', async () => {
    const { connection, stop } = await strictServer(2)
    await connection.ready()
    const commands = Array.from({ length: 8 }, (_, n) =>
      connection.run(['sh', '-c', 'sleep 0.05; echo "$1"', 'x', `${n}`]),
    )
    const results = await Promise.all(commands)
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
    expect(connection.link.state).toBe('up')
    stop()
  })
})

describe('sshConnection() to an SSH server that is of little use', () => {
  test('does not storm one that lets it in and throws it out at once', async () => {
    let logins = 0
    const { stop } = await oddServer((client) => {
      logins++
      client.end()
    })
    await until(() => logins > 0)
    await Bun.sleep(2500)
    expect(logins).toBeLessThanOrEqual(3)
    stop()
  })

  test('ends a command in time that never gets its channel, and goes on with others', async () => {
    let answers = false
    const { connection, stop } = await oddServer((client) => {
      client.on('session', (accept) => {
        if (!answers) return
        accept().on('exec', (acceptExec) => {
          const channel = acceptExec()
          channel.exit(0)
          channel.end()
        })
      })
    })
    await connection.ready()
    const runs = Array.from({ length: 9 }, () => connection.run(['true'], { timeoutMs: 200 }))
    const ends = await Promise.allSettled(runs)
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true)
    answers = true
    expect(await connection.run(['true'])).toMatchObject({ code: 0 })
    stop()
  })
})

/** An SSH server that lets everybody in and then does as told. */
async function oddServer(onReady: (client: ssh2.Connection) => void) {
  const host = ssh2.utils.generateKeyPairSync('ed25519')
  const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => {
    client.on('error', () => {})
    client.on('authentication', (context) => context.accept())
    client.on('ready', () => onReady(client))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const connection = sshConnection({
    address: '127.0.0.1',
    port: (server.address() as { port: number }).port,
    user: 'spark',
    privateKey: ssh2.utils.generateKeyPairSync('ed25519').private,
    pinned: () => null,
    pin: () => {},
  })
  return {
    connection,
    stop() {
      connection.close()
      server.close()
    },
  }
}

/** One that opens no more than so many sessions on a connection, as sshd does with MaxSessions. */
const strictServer = (sessions: number) =>
  oddServer((client) => {
    let open = 0
    client.on('session', (accept, reject) => {
      if (open >= sessions) return reject()
      open++
      const session = accept()
      session.on('close', () => open--)
      session.on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec()
        const child = Bun.spawn(['sh', '-c', command], { stdout: 'pipe', stdin: 'ignore' })
        void new Response(child.stdout).text().then(async (text) => {
          channel.write(text)
          channel.exit(await child.exited)
          channel.end()
        })
      })
    })
  })

describe('sshConnection() to what is no SSH server', () => {
  let mute: Server
  const at = (port: number, more: Partial<ConnectionOptions> = {}) =>
    sshConnection({
      address: '127.0.0.1',
      port,
      user: 'spark',
      privateKey: ssh2.utils.generateKeyPairSync('ed25519').private,
      pinned: () => null,
      pin: () => {},
      ...more,
    })

  beforeAll(() => {
    mute = createServer(() => {})
  })
  afterAll(() => {
    mute.close()
  })

  test('a port that opens but says nothing is unresponsive, with its own advice', async () => {
    await new Promise<void>((done) => mute.listen(0, '127.0.0.1', done))
    const connection = at((mute.address() as { port: number }).port, { handshakeTimeoutMs: 300 })
    await until(() => connection.link.state === 'unresponsive')
    expect(connection.link.remedy).toContain('power-cycle')
    connection.close()
  })

  test('a port that opens and hangs up at once is tried ever more slowly', async () => {
    let tries = 0
    const rude = createServer((socket) => {
      tries++
      socket.destroy()
    })
    await new Promise<void>((done) => rude.listen(0, '127.0.0.1', done))
    const connection = at((rude.address() as { port: number }).port)
    await until(() => connection.link.code === 'ssh_turned_away')
    expect(connection.link).toMatchObject({ state: 'unresponsive', remedy: expect.stringContaining('MaxStartups') })
    await Bun.sleep(2500)
    expect(tries).toBeLessThanOrEqual(3)
    connection.close()
    rude.close()
  })

  test('a closed port is unreachable and says that nothing listens', async () => {
    const connection = at(await freePort())
    await until(() => connection.link.state === 'unreachable')
    expect(connection.link.code).toBe('ssh_port_closed')
    connection.close()
  })
})

test('sshConnection() keeps an exit code that came in one packet with the answer', async () => {
  const { connection, stop } = await oddServer((client) =>
    client.on('session', (accept) =>
      accept().on('exec', (acceptExec) => {
        const channel = acceptExec()
        channel.write('done')
        channel.exit(7)
        channel.end()
      }),
    ),
  )
  await connection.ready()
  for (let n = 0; n < 20; n++) expect(await connection.run(['true'])).toMatchObject({ code: 7, stdout: 'done' })
  stop()
})

/** Passes connections on to a port of 127.0.0.1; while mute it takes everything and passes nothing. */
async function muteable(to: number) {
  let muted = false
  const waiting: (() => void)[] = []
  const server = createServer((from) => {
    const onward = openSocket({ host: '127.0.0.1', port: to })
    const pass = (one: Socket, other: Socket) => {
      one.on('data', (bytes) => (muted ? waiting.push(() => other.write(bytes)) : other.write(bytes)))
      one.on('error', () => {})
      one.on('close', () => other.destroy())
    }
    pass(from, onward)
    pass(onward, from)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    proxy: (server.address() as { port: number }).port,
    mute(on: boolean) {
      muted = on
      if (!on) for (const pass of waiting.splice(0)) pass()
    },
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(holds: () => boolean, withinMs = 10_000) {
  const end = Date.now() + withinMs
  while (!holds()) {
    if (Date.now() > end) throw new Error('it never came to hold')
    await Bun.sleep(20)
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}
