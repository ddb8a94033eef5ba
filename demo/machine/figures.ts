/** What the machine shows of its processors; `activity` is the share of GPU work going on, 0 to 1. */
export interface Figures {
  temperature: number
  activity: number
}

/** From here on a GB10 runs slower than it could. */
const HOT = 86
const GPU_IDLE = 0x1
const SOFTWARE_AND_HARDWARE_THERMAL = 0x60

/** One second on: heat follows work, slowly; where the air no longer gets through (`blocked`), fast. */
export function stepFigures(figures: Figures, activity: number, seconds: number, blocked = false): Figures {
  const target = blocked ? 93 : 37 + activity * 28
  const share = Math.min(1, seconds / (blocked ? 3 : 20))
  return { activity, temperature: figures.temperature + (target - figures.temperature) * share }
}

/** `<utilisation> <°C> <W> <MHz> <pstate> <throttle reasons>`, what the stand-in nvidia-smi reads. `noise` is 0 to 1. */
export function gpuLine({ activity, temperature }: Figures, noise: number): string {
  const utilisation = activity > 0 ? Math.min(99, Math.round(activity * 92 + noise * 6)) : 0
  const power = (4 + activity * 62 + noise * 1.5).toFixed(2)
  const hot = temperature >= HOT
  const reasons = (utilisation === 0 ? GPU_IDLE : 0) | (hot ? SOFTWARE_AND_HARDWARE_THERMAL : 0)
  return `${utilisation} ${Math.round(temperature)} ${power} ${hot ? 1404 : 2411} P0 0x${reasons.toString(16).padStart(16, '0')}\n`
}

/** /proc/loadavg, from the work of the last minutes (a crude but moving figure). */
export function loadavg(activity: number, noise: number, processes: number): string {
  const one = 0.2 + activity * 3 + noise * 0.15
  return `${one.toFixed(2)} ${(one * 0.8 + 0.1).toFixed(2)} ${(one * 0.5 + 0.2).toFixed(2)} 1/${600 + processes} ${4000 + processes}\n`
}

/** /proc/uptime: seconds since boot, idle seconds over 20 cores. */
export const uptimeLine = (seconds: number) => `${seconds.toFixed(2)} ${(seconds * 19.6).toFixed(2)}\n`

/** The first lines of /proc/stat, in ticks of 10 ms. */
export function stat(seconds: number, busySeconds: number, bootedAt: number): string {
  const ticks = (share: number) => Math.round(share * 100)
  const row = (name: string, cores: number) => {
    const busy = (busySeconds * cores) / 20
    return `${name} ${ticks(busy * 0.7)} 0 ${ticks(busy * 0.3)} ${ticks(Math.max(0, seconds * cores - busy))} 120 0 40 0 0 0\n`
  }
  const cores = Array.from({ length: 20 }, (_, core) => row(`cpu${core}`, 1)).join('')
  return `${row('cpu ', 20)}${cores}btime ${Math.floor(bootedAt / 1000)}\nprocesses 41234\nprocs_running 1\nprocs_blocked 0\n`
}

/** /proc/pressure/memory: calm, or what a starved machine shows. */
export function memoryPressure(starved: boolean): string {
  const line = (name: string, ten: string, sixty: string) =>
    `${name} avg10=${ten} avg60=${sixty} avg300=0.00 total=812\n`
  return starved
    ? line('some', '41.20', '12.80') + line('full', '28.70', '8.10')
    : line('some', '0.00', '0.00') + line('full', '0.00', '0.00')
}

/** /proc/vmstat, as far as anyone looks: what was swapped, and how many processes the kernel ended for want of memory. */
export function vmstat(oomKills: number, swappedPages: number): string {
  return `nr_free_pages 812340\npgpgin 91823412\npswpin ${Math.round(swappedPages * 0.6)}\npswpout ${swappedPages}\npgfault 812934123\npgmajfault 40213\noom_kill ${oomKills}\n`
}
