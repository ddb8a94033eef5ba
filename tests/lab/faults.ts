import { chmodSync, chownSync, copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Claim } from './claim'
import { controlGroup } from './control-groups'
import { type LabHost, newHostKey } from './host'
import { setPort } from './network'
import { type Process, signal } from './processes'

/** What can befall a host. Each fault lasts until its counterpart. */
export interface Faults {
  cut(host: LabHost): Promise<void>
  heal(host: LabHost): Promise<void>
  /** Drops this share of the packets, each way; 0 ends it. */
  lose(host: LabHost, percent: number): Promise<void>
  /** Stops every process: the kernel still opens connections, nobody answers. With `name`, only that program's. */
  freeze(host: LabHost, name?: string): void
  thaw(host: LabHost, name?: string): void
  /** Ends sshd with its sessions. */
  killSshd(host: LabHost): void
  startSshd(host: LabHost): Promise<void>
  changeHostKey(host: LabHost): Promise<void>
  /** Takes every key away from the user; the function that comes back gives them back. */
  removeKeys(host: LabHost): Promise<() => void>
  /** Holds so many connections open that sshd takes no other (MaxStartups); the function that comes back lets go. */
  holdStartups(host: LabHost): Promise<() => Promise<void>>
  stopDocker(host: LabHost): Promise<void>
  startDocker(host: LabHost): Promise<void>
  /** Connections to sshd that came over the network since boot. */
  connects(host: LabHost): Promise<number>
}

const full = '60 of 10-60 startups'

/** The faults of one lab. */
export function labFaults({ number, folder }: Claim): Faults {
  async function startSshd(host: LabHost) {
    await host.inside(['/usr/sbin/sshd', '-f', '/etc/ssh/lab_sshd_config'])
  }

  return {
    cut: (host) => setPort(number, host.number, false),
    heal: (host) => setPort(number, host.number, true),
    async lose(host, percent) {
      const drop = (way: string, key: string) =>
        `chain ${way} { type filter hook ${way} priority -10; ${key} eth0 numgen random mod 100 < ${percent} drop; }\n`
      const rules = percent > 0 ? `table inet loss {\n${drop('input', 'iifname')}${drop('output', 'oifname')}}\n` : ''
      await host.inside(['nft', `add table inet loss; delete table inet loss; ${rules}`])
    },
    freeze: (host, name) => whole(host, name, 'SIGSTOP'),
    thaw: (host, name) => whole(host, name, 'SIGCONT'),
    killSshd: (host) => whole(host, 'sshd', 'SIGKILL'),
    startSshd,
    async changeHostKey(host) {
      const key = join(folder, host.id, 'host-key')
      await newHostKey(key)
      const inside = join(host.root(), 'etc/ssh/lab_host_key')
      copyFileSync(key, inside)
      chmodSync(inside, 0o600)
      whole(host, 'sshd', 'SIGKILL')
      await startSshd(host)
    },
    async removeKeys(host) {
      const file = join(folder, host.id, 'home/spark/.ssh/authorized_keys')
      const keys = readFileSync(file)
      rmSync(file)
      dropSessions(host)
      return () => {
        writeFileSync(file, keys, { mode: 0o600 })
        chownSync(file, 4242, 4242)
      }
    },
    async holdStartups(host) {
      const script = 'until read -r -t 0.002; do exec {fd}<>/dev/tcp/127.0.0.1/22; done; read -r'
      const holder = Bun.spawn(['nsenter', '-t', String(host.processes()[0]?.pid), '-n', 'bash', '-c', script], {
        stdio: ['pipe', 'inherit', 'inherit'],
      })
      // sshd tells in its title how many it holds; the nearer to the limit, the more it drops at random.
      while (!host.processes('sshd').some(({ pid }) => titleOf(pid).includes(full))) await Bun.sleep(20)
      holder.stdin.write('\n')
      holder.stdin.flush()
      dropSessions(host)
      return async () => {
        holder.kill()
        await holder.exited
      }
    },
    async stopDocker(host) {
      const [engine] = host.processes('dockerd')
      if (engine) signal(engine.pid, 'SIGTERM')
      while (host.processes('dockerd').length > 0) await Bun.sleep(20)
    },
    async startDocker(host) {
      await host.inside(['/bin/sh', '/opt/lab/programs/dockerd.sh', controlGroup(number, host.id)])
      await host.docker.ready()
    },
    async connects(host) {
      const text = await host.inside(['nft', 'list', 'counter', 'inet', 'lab', 'connects'])
      return Number(/packets (\d+)/.exec(text)?.[1] ?? 0)
    },
  }
}

/** Signals a host's processes until none is left out: one may have been forked during the look. */
function whole(host: LabHost, name: string | undefined, what: NodeJS.Signals) {
  const done = new Set<number>()
  for (let missed: Process[] = host.processes(name); missed.length > 0; ) {
    for (const { pid } of missed) {
      signal(pid, what)
      done.add(pid)
    }
    missed = host.processes(name).filter(({ pid }) => !done.has(pid))
  }
}

// A session's process runs as its user; the listener and what has not logged in yet do not.
function dropSessions(host: LabHost) {
  for (const { pid } of host.processes('sshd')) if (ownerOf(pid) === 4242) signal(pid, 'SIGKILL')
}

function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function ownerOf(pid: number): number | null {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? null
}
