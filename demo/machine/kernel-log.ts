import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the stand-in `dmesg` shows, in state/dmesg. */
export interface KernelLog {
  /** Begins anew, as after a boot. */
  boot(): void
  /** The driver was refused memory. */
  starved(): void
  /** A process was ended for want of memory. */
  killed(pid: number, name: string, bytes: number): void
}

/** Keeps the log of one host; `uptime` is in seconds. */
export function kernelLog(directory: string, uptime: () => number): KernelLog {
  const file = join(directory, 'state/dmesg')
  const say = (text: string) => appendFileSync(file, line(uptime(), text))

  return {
    boot() {
      writeFileSync(file, BOOT.map(([seconds, text]) => line(seconds, text)).join(''))
    },
    starved() {
      say(
        'NVRM: nvCheckOkFailedNoLog: Check failed: Out of memory [NV_ERR_NO_MEMORY] (0x00000051) returned from _memdescAllocInternal(pMemDesc) @ mem_desc.c:1359',
      )
      say("NVRM: Xid (PCI:000f:01:00): 31, pid='<unknown>', name=<unknown>, MMU Fault: ENGINE GRAPHICS GPC0 faulted")
    },
    killed(pid, name, bytes) {
      const kib = Math.round(bytes / 1024)
      // The kernel keeps 15 characters of a process's name.
      const short = name.slice(0, 15)
      say(`${short} invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0`)
      say(`oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),global_oom,task=${short},pid=${pid},uid=0`)
      say(
        `Out of memory: Killed process ${pid} (${short}) total-vm:${kib}kB, anon-rss:${kib}kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:${Math.round(kib / 512)}kB oom_score_adj:0`,
      )
    },
  }
}

const line = (seconds: number, text: string) => `[${seconds.toFixed(6).padStart(12)}] ${text}\n`

const BOOT: [number, string][] = [
  [0, 'Booting Linux on physical CPU 0x0000000000 [0x410fd870]'],
  [0, 'Linux version 6.17.0-1029-nvidia (buildd@bos03-arm64-051) #29-Ubuntu SMP PREEMPT_DYNAMIC'],
  [0.412331, 'Memory: 127600748K/134217728K available'],
  [3.871204, 'mlx5_core 0000:01:00.1 enp1s0f1np1: Link up'],
  [4.120533, 'nvidia: loading out-of-tree module taints kernel.'],
  [4.518842, 'NVRM: loading NVIDIA UNIX Open Kernel Module for aarch64  580.126.09  Release Build'],
]
