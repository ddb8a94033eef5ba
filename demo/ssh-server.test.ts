import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ssh2, { type Client, type ClientChannel } from 'ssh2'
import { type SimulatedCluster, simulatedCluster } from './cluster'
import type { SimulatedHost } from './host'
import { alive } from './machine/processes'

let cluster: SimulatedCluster
let host: SimulatedHost
const clients: Client[] = []

beforeAll(async () => {
  cluster = await simulatedCluster({ hosts: 1, speed: 20, ports: 'free' })
  host = cluster.hosts[0] as SimulatedHost
})
afterAll(async () => {
  for (const client of clients) client.end()
  await cluster.stop()
})

function connect(key: string | Buffer = readFileSync(join(cluster.directory, 'id_ed25519')), username = 'spark') {
  const client = new ssh2.Client()
  clients.push(client)
  return new Promise<Client>((resolve, reject) => {
    client.once('ready', () => resolve(client)).once('error', reject)
    client.connect({ host: host.address, port: host.sshPort, username, privateKey: key })
  })
}

function channelOf(client: Client, command: string) {
  return new Promise<ClientChannel>((resolve, reject) =>
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel))),
  )
}

async function exec(client: Client, command: string, input = '') {
  const channel = await channelOf(client, command)
  const told = { stdout: '', stderr: '', code: null as number | null, signal: null as string | null }
  channel.on('data', (data: Buffer) => (told.stdout += data))
  channel.stderr.on('data', (data: Buffer) => (told.stderr += data))
  channel.end(input)
  await new Promise<void>((resolve) =>
    channel.on('close', (code: number | null, signal?: string) => {
      Object.assign(told, { code, signal: signal ?? null })
      resolve()
    }),
  )
  return told
}

async function until(holds: () => boolean) {
  while (!holds()) await Bun.sleep(10)
}

describe('sshServer()', () => {
  test('runs a command for real: output, errors, exit code, home and environment', async () => {
    const told = await exec(await connect(), 'echo "$USER in $PWD"; echo oops >&2; exit 3')
    expect(told).toEqual({ stdout: `spark in ${host.home}\n`, stderr: 'oops\n', code: 3, signal: null })
  })

  test('hands nothing of the controller’s environment on, and ~/.local/bin is not on PATH', async () => {
    process.env.CONTROLLER_SECRET = 'never seen'
    const { stdout } = await exec(await connect(), 'env; command -v uvx || echo no uvx')
    expect(stdout).not.toContain('never seen')
    expect(stdout).toContain('no uvx')
    expect(stdout).toContain(`SPARK_SIM_DIR=${host.directory}\n`)
  })

  test('feeds stdin to the command, its end too', async () => {
    const input = 'x'.repeat(300_000)
    expect((await exec(await connect(), 'wc -c', input)).stdout.trim()).toBe('300000')
  })

  test('passes 20 MB of output on to a reader that pauses', async () => {
    const channel = await channelOf(await connect(), 'head -c 20000000 /dev/zero')
    let bytes = 0
    channel.on('data', (data: Buffer) => {
      bytes += data.length
      channel.pause()
      setTimeout(() => channel.resume(), 0)
    })
    await new Promise((resolve) => channel.on('close', resolve))
    expect(bytes).toBe(20_000_000)
  })

  test('forwards a signal to the whole process group and reports it', async () => {
    const channel = await channelOf(await connect(), 'sleep 1000 & echo started; wait; sleep 1000')
    const ended = new Promise((resolve) => channel.on('close', (_code: number, signal: string) => resolve(signal)))
    await new Promise((resolve) => channel.once('data', resolve))
    channel.signal('TERM')
    expect(await ended).toBe('SIGTERM')
    await until(() => !cluster.processes().some((one) => one.args.join(' ') === 'sleep 1000'))
  })

  test('refuses the 11th session of a connection, as MaxSessions does, and lets it in when one has ended', async () => {
    const client = await connect()
    const channels = await Promise.all(Array.from({ length: 10 }, () => channelOf(client, 'cat')))
    expect(channelOf(client, 'true')).rejects.toThrow(/open failed|failure/i)
    const [first] = channels
    const closed = new Promise((resolve) => first?.resume().on('close', resolve))
    first?.end()
    await closed
    expect((await exec(client, 'echo again')).stdout).toBe('again\n')
    for (const channel of channels) channel.end()
  })

  test('ends a command with HUP when the connection is lost, but not one with a session of its own', async () => {
    const client = await connect()
    const channel = await channelOf(client, 'setsid sh -c "echo \\$\\$; exec sleep 500" & sleep 600 & echo $!; wait')
    let text = ''
    channel.on('data', (data: Buffer) => (text += data))
    await until(() => text.trim().split('\n').length === 2)
    const pids = text.trim().split('\n').map(Number)
    const sleeping = (seconds: number) => cluster.processes().find((one) => one.args.join(' ') === `sleep ${seconds}`)
    await until(() => sleeping(500) !== undefined && sleeping(600) !== undefined)
    client.destroy()
    await until(() => sleeping(600) === undefined)
    expect(pids.filter(alive)).toEqual([sleeping(500)?.pid ?? 0])
  })

  test('closes the pipes of a command whose channel is closed, so that its next word ends it', async () => {
    const channel = await channelOf(await connect(), 'nvidia-smi --query-gpu=name --format=csv,noheader -lms 50')
    await new Promise((resolve) => channel.once('data', resolve))
    const looping = () => cluster.processes().some((one) => one.args.join(' ').includes('-lms'))
    expect(looping()).toBe(true)
    channel.close()
    await until(() => !looping())
  })

  test('lets in a key that was added to authorized_keys a moment ago, and no other', async () => {
    const pair = ssh2.utils.generateKeyPairSync('ed25519')
    expect(connect(pair.private)).rejects.toThrow('authentication')
    appendFileSync(join(host.home, '.ssh/authorized_keys'), `# a remark\n\n${pair.public} someone\n`)
    expect((await exec(await connect(pair.private), 'echo in')).stdout).toBe('in\n')
    expect(connect(pair.private, 'root')).rejects.toThrow('authentication')
  })

  const program = Bun.which('ssh')
  if (program)
    test('serves the system’s ssh client: stdin, exit code, stderr', async () => {
      const options = [
        '-F',
        'none',
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
        '-o',
        'LogLevel=ERROR',
      ]
      const key = join(cluster.directory, 'id_ed25519')
      const child = Bun.spawn(
        [
          program,
          ...options,
          '-i',
          key,
          '-p',
          String(host.sshPort),
          `spark@${host.address}`,
          'cat; echo no >&2; exit 7',
        ],
        { stdin: new Blob(['hello']), stdout: 'pipe', stderr: 'pipe' },
      )
      const told = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
        child.exited,
      ])
      expect(told).toEqual(['hello', 'no\n', 7])
    })
})
