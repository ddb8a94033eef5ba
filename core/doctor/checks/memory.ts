import { right, type Verdict, wrong } from '../check'
import type { Examined } from '../examined'

const gibInKib = 1024 * 1024
/** More than this that nobody holds is a leak; page tables, drivers and firmware take a few GiB. */
const leakGib = 16

/** Memory that is taken while nothing that runs holds it. */
export function memoryChecks({ answers }: Examined): Verdict[] {
  const kib = new Map(
    answers.all('memory').map((row) => {
      const [, name = '', amount] = /^(\w+):\s+(\d+) kB$/.exec(row) ?? []
      return [name, Number(amount)] as const
    }),
  )
  const total = kib.get('MemTotal')
  const available = kib.get('MemAvailable')
  // Without nvidia-smi or docker nobody can say that nothing runs.
  if (!total || available === undefined || !answers.has('gpu')) return []
  // Every page that a process holds; what is shared is counted more than once, which errs on the calm side.
  const held = Number(answers.get('resident')) || 0
  const onGpu = answers.all('gpu-process').reduce((sum, row) => sum + (Number(row.split(',').at(-1)) || 0) * 1024, 0)
  const lost = (total - available - Math.max(held, onGpu)) / gibInKib
  const used = Math.round((total - available) / gibInKib)
  const figures = `${used} of ${Math.round(total / gibInKib)} GiB are taken`
  if (onGpu > 0 || lost <= leakGib) return [right('memory', figures)]
  return [
    wrong(
      'memory',
      `${figures}, but nothing that runs holds ${Math.round(lost)} GiB of it: memory was not given back`,
      'wait a minute after a stop and examine again; if it stays, run there',
      'sudo reboot',
    ),
  ]
}
