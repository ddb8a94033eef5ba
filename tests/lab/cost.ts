import type { LabHost } from './host'
import { type Process, processTree } from './processes'

/** What a host spends while nothing but the watching happens there. */
export interface Cost {
  /** Of one core: everything that came in by SSH, sshd itself included. */
  sshPercent: number
  /** Of one core: Docker's own processes, without the containers' programs. */
  dockerPercent: number
  /** Processes and threads begun, each second; the kernel numbers both alike. */
  begunPerSecond: number
}

const engine = ['dockerd', 'containerd', 'containerd-shim']

/** Measures for so many seconds. */
export async function cost(host: LabHost, seconds: number): Promise<Cost> {
  const before = await look(host)
  await Bun.sleep(seconds * 1000)
  const after = await look(host)
  const elapsed = (after.at - before.at) / 1000
  const percent = (what: 'ssh' | 'docker') => ((after[what] - before[what]) / elapsed) * 100
  return {
    sshPercent: percent('ssh'),
    dockerPercent: percent('docker'),
    begunPerSecond: (after.lastPid - before.lastPid - ownPids) / elapsed,
  }
}

// What a look itself begins on the host: the shell that tells its own pid.
const ownPids = 1

async function look(host: LabHost) {
  const all = host.processes()
  const sum = (some: Process[]) => some.reduce((total, each) => total + each.cpuSeconds, 0)
  const listener = all.find(({ name, parent }) => name === 'sshd' && parent === all[0]?.pid)
  return {
    ssh: listener ? sum(processTree(listener.pid)) : 0,
    docker: sum(all.filter(({ name }) => engine.some((each) => name.startsWith(each)))),
    // A new process has the next number of its pid namespace.
    lastPid: Number(await host.inside(['sh', '-c', 'echo $$'])),
    at: performance.now(),
  }
}
