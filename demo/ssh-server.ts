import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type Socket } from 'node:net'
import ssh2, { type Connection, type ServerChannel } from 'ssh2'
import { mayLogIn } from './authorized-keys'
import { cable } from './machine/cable'
import { signal } from './machine/processes'

/** sshd's default MaxSessions. */
const MAX_SESSIONS = 10

/** A user who may log in, and where the commands of that user run. */
export interface Login {
  user: string
  /** Files of public keys that may log in, read again at each attempt. */
  authorizedKeys: string[]
  environment: Record<string, string>
}

export interface SshServerOptions {
  address: string
  port: number
  /** Private host key, OpenSSH or PEM text. */
  hostKey: string
  logins: Login[]
}

export interface SshServer {
  port: number
  /** Every connection that comes from now on is shown this host key; open ones are reset. */
  useHostKey(key: string): void
  /** Not a packet passes, neither of open connections nor of new ones; where the system can't do that new ones are refused. */
  cut(): Promise<void>
  /** Stops listening: a connection attempt is refused; open ones stall. */
  close(): Promise<void>
  /** Goes on accepting, but no byte is read or sent: no banner, open sessions stall. */
  freeze(): Promise<void>
  /** Undoes `cut`, `close` and `freeze`; what waited goes on. */
  heal(): Promise<void>
  /** Resets every connection. */
  reset(): void
  stop(): Promise<void>
}

/** An SSH server that runs commands for real, each in a process group of its own, as sshd does. */
export async function sshServer(options: SshServerOptions): Promise<SshServer> {
  const sockets = new Set<Socket>()
  const waiting = new Set<Socket>()
  let frozen = false
  let protocol = serve(options.hostKey)

  const listener = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      waiting.delete(socket)
    })
    if (frozen) waiting.add(socket)
    else protocol.injectSocket(socket)
  })
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      listener.once('error', reject)
      listener.listen(port, options.address, () => {
        listener.off('error', reject)
        resolve()
      })
    })
  await listen(options.port)
  const bound = listener.address()
  const port = bound !== null && typeof bound === 'object' ? bound.port : options.port
  const link = cable(options.address, port)

  function serve(hostKey: string) {
    const ident = 'OpenSSH_9.6p1 Ubuntu-3ubuntu13'
    return new ssh2.Server({ hostKeys: [hostKey], ident }, (client) => greet(client, options.logins))
  }

  function still() {
    if (frozen) return
    frozen = true
    for (const socket of sockets) {
      socket.pause()
      socket.cork()
    }
  }

  function thaw(socket: Socket) {
    socket.uncork()
    socket.resume()
  }

  function reset() {
    for (const socket of sockets) socket.resetAndDestroy()
  }

  return {
    port,
    useHostKey(key) {
      protocol = serve(key)
      reset()
    },
    async cut() {
      still()
      if (!listener.listening) await listen(port)
      if (!link.pull()) listener.close()
    },
    async close() {
      link.plug()
      listener.close()
      still()
    },
    async freeze() {
      still()
      link.plug()
      if (!listener.listening) await listen(port)
    },
    async heal() {
      link.plug()
      if (!listener.listening) await listen(port)
      if (!frozen) return
      frozen = false
      for (const socket of sockets) {
        if (waiting.has(socket)) protocol.injectSocket(socket)
        else thaw(socket)
      }
      waiting.clear()
    },
    reset,
    async stop() {
      listener.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function greet(client: Connection, logins: Login[]) {
  const children = new Set<ChildProcess>()
  let sessions = 0
  let login: Login | undefined
  client.on('authentication', (context) => {
    login = logins.find(({ user, authorizedKeys }) => mayLogIn(context, user, authorizedKeys))
    if (login) context.accept()
    else context.reject(['publickey'])
  })
  client.on('error', () => {})
  // ssh2 does not close the channels of a client that vanished, so their processes are ended here.
  const gone = () => {
    for (const child of children) hangUp(child)
    children.clear()
  }
  client.on('end', gone)
  client.on('close', gone)
  client.on('session', (accept, reject) => {
    if (sessions >= MAX_SESSIONS) return reject()
    sessions++
    const session = accept()
    let child: ChildProcess | null = null
    let open = true
    const closed = () => {
      if (open) sessions--
      open = false
      if (child && children.has(child)) letGo(child)
    }
    session.on('exec', (acceptExec, _reject, { command }) => {
      const channel = acceptExec()
      channel.on('close', closed)
      child = execute(command, channel, login?.environment ?? {})
      children.add(child)
      const running = child
      child.on('close', () => children.delete(running))
    })
    session.on('signal', (_accept, _reject, { name }) => {
      if (child?.pid) signal(-child.pid, `SIG${name.replace(/^SIG/, '')}` as NodeJS.Signals)
    })
    session.on('close', closed)
  })
}

function execute(command: string, channel: ServerChannel, environment: Record<string, string>): ChildProcess {
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: environment.HOME,
    env: environment,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  channel.pipe(child.stdin)
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })
  // A program that does not read its input to the end closes the pipe; that is its own business.
  for (const stream of [child.stdin, child.stdout, child.stderr, channel]) stream.on('error', () => {})
  child.on('exit', (code, name) => {
    if (name) channel.exit(name.replace(/^SIG/, ''), false, '')
    else channel.exit(code ?? 255)
  })
  // As with sshd the channel stays open as long as anything holds the command's output.
  child.on('close', () => channel.end())
  child.on('error', () => {
    channel.exit(255)
    channel.end()
  })
  return child
}

/** The channel is closed: as with sshd nobody reads what the command says any more, so that its next word ends it. */
function letGo(child: ChildProcess) {
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy()
}

/** The connection is gone: the command's group gets HUP, and may still write its last words; what has a session of its own lives on. */
function hangUp(child: ChildProcess) {
  if (child.pid) signal(-child.pid, 'SIGHUP')
  child.stdin?.destroy()
  for (const output of [child.stdout, child.stderr]) output?.unpipe().resume()
}
