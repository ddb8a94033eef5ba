import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Claim, noteProcess } from './claim'
import { command } from './command'
import { controlGroup } from './control-groups'
import { type Docker, docker } from './docker'
import { address, plug, unplug } from './network'
import { type Process, processTree, signal } from './processes'

/** A make-believe Spark with real parts: OpenSSH, Docker, and a network, disk and process tree of its own. */
export interface LabHost {
  id: string
  /** Its number in the lab, from 1. */
  number: number
  address: string
  docker: Docker
  /** Where its file tree is seen from here; changes with every boot. */
  root(): string
  /** Runs a program inside, as root. */
  inside(argv: string[]): Promise<string>
  /** Every process of it, containers too; those of one program with `name`. */
  processes(name?: string): Process[]
  boot(): Promise<void>
  /** As if the plug were pulled: nothing inside has a chance to say goodbye. */
  powerOff(): Promise<void>
}

export const programs = join(import.meta.dir, 'programs')

// As on Ubuntu, where they differ from OpenSSH's own defaults only in what PAM would do.
const sshdConfig = `ListenAddress 0.0.0.0
HostKey /etc/ssh/lab_host_key
PidFile /run/sshd.pid
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowUsers spark
MaxStartups 10:30:60
MaxSessions 10
SetEnv VLLM_SPARK_NOFILE_LIMIT=4096 "VLLM_SPARK_EXTRA_DOCKER_ARGS=-v /opt/lab:/opt/lab:ro"
`

/** Makes a host that is still off; `authorized` is the public key that its user lets in. */
export async function labHost({ number: lab, folder }: Claim, number: number, authorized: string): Promise<LabHost> {
  const id = `spark-${number}`
  const own = join(folder, id)
  const home = join(own, 'home/spark')
  let running: { pid: number; exited: Promise<number>; stdin: { write(text: string): unknown } } | null = null

  mkdirSync(join(own, 'docker'), { recursive: true })
  mkdirSync(home, { recursive: true })
  mkdirSync(join(home, '.ssh'), { mode: 0o700 })
  writeFileSync(join(home, '.ssh/authorized_keys'), authorized, { mode: 0o600 })
  writeFileSync(join(own, 'sshd_config'), sshdConfig)
  await command(['chown', '-R', '4242:4242', home])
  await newHostKey(join(own, 'host-key'))

  async function boot() {
    if (running) throw new Error(`${id}: runs already; power it off first`)
    const log = openSync(join(own, 'console.log'), 'a')
    const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--fork', '--kill-child']
    const words = [id, own, address(lab, number), process.execPath, programs, controlGroup(lab, id)]
    const child = Bun.spawn(['unshare', ...namespaces, 'bash', join(programs, 'boot.sh'), ...words], {
      stdio: ['pipe', 'pipe', log],
    })
    closeSync(log)
    const pid = await firstChild(child.pid)
    noteProcess(folder, id, pid)
    running = { pid, exited: child.exited, stdin: child.stdin }
    await plug(lab, number, pid)
    child.stdin.write('plugged\n')
    child.stdin.flush()
    if (!(await says(child.stdout, 'ready'))) {
      throw new Error(`${id}: did not boot; ${readFileSync(join(own, 'console.log'), 'utf8').trim().slice(-500)}`)
    }
  }

  function pid(): number {
    if (!running) throw new Error(`${id}: is off; boot it first`)
    return running.pid
  }

  const root = () => `/proc/${pid()}/root`
  return {
    id,
    number,
    address: address(lab, number),
    docker: docker(() => `${root()}/run/docker.sock`),
    root,
    inside: (argv) =>
      command(['nsenter', '-t', String(pid()), '-m', '-u', '-i', '-n', '-p', '-r', '-w', '--', ...argv]),
    processes: (name) => processTree(pid()).filter((each) => name === undefined || each.name === name),
    boot,
    async powerOff() {
      if (!running) return
      // First, or the dying host would still close its connections.
      await unplug(lab, number)
      signal(running.pid, 'SIGKILL')
      // The kernel ends everything in the namespace before pid 1 is gone.
      await running.exited
      running = null
    },
  }
}

/** Makes the key that a host shows, in place of the one it had. */
export async function newHostKey(file: string) {
  for (const each of [file, `${file}.pub`]) rmSync(each, { force: true })
  await command(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', file])
}

async function firstChild(pid: number): Promise<number> {
  for (let tries = 0; tries < 400; tries++) {
    const [child] = processTree(pid).slice(1)
    if (child) return child.pid
    await Bun.sleep(5)
  }
  throw new Error('unshare: started nothing; see console.log of the host')
}

async function says(stream: ReadableStream<Uint8Array>, word: string): Promise<boolean> {
  let text = ''
  for await (const piece of stream) {
    text += Buffer.from(piece).toString()
    if (text.includes(word)) return true
  }
  return false
}
