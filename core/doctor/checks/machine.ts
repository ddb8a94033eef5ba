import { type Advice, right, type Verdict, wrong } from '../check'
import type { Examined } from '../examined'

const toleranceS = 2

/** Clock, sessions, and what the kernel complained of. */
export function machineChecks(examined: Examined): Verdict[] {
  return [...clock(examined), ...sessions(examined), ...kernel(examined)]
}

/** The two readings bound the moment of the first to the length of the round trip, however long the examination took. */
function clock({ answers, asked, answered }: Examined): Verdict[] {
  const [first = Number.NaN, last = Number.NaN] = answers.all('clock').map((text) => Number.parseFloat(text))
  if (Number.isNaN(first) || Number.isNaN(last)) return []
  const ahead = first - asked / 1000
  const least = last - answered / 1000
  const skew = least > 0 ? least : ahead < 0 ? ahead : 0
  if (Math.abs(skew) <= toleranceS) return [right('clock', 'the clock agrees with that of this controller')]
  const words = `${Math.round(Math.abs(skew))} s ${skew > 0 ? 'ahead of' : 'behind'}`
  return [
    wrong(
      'clock',
      `the clock is ${words} that of this controller`,
      'run on whichever is wrong',
      'sudo timedatectl set-ntp true',
    ),
  ]
}

// RemoveIPC takes a user's shared memory away with the last login unless the user lingers; a model on several Sparks hangs then.
function sessions({ answers }: Examined): Verdict[] {
  const linger = answers.get('linger')
  if (linger === '') return []
  if (linger === 'yes') return [right('linger', 'what runs outlives the login')]
  if (/false/.test(answers.get('remove-ipc'))) return [right('linger', 'what runs outlives the login (RemoveIPC=no)')]
  return [
    wrong(
      'linger',
      'Linger is off: when a login ends, a model on several Sparks can lose its shared memory and hang',
      'run there',
      `sudo loginctl enable-linger ${answers.get('user')}`,
    ),
  ]
}

function kernel({ answers }: Examined): Verdict[] {
  if (!answers.has('kernel-readable')) return []
  const lines = answers.all('kernel')
  if (lines.length === 0) return [right('kernel', 'the kernel reported no trouble since yesterday')]
  const last = (lines.at(-1) ?? '').slice(0, 160)
  return [wrong('kernel', `the kernel reported trouble since yesterday: ${last}`, ...advice(lines))]
}

function advice(lines: string[]): Advice {
  const text = lines.join('\n')
  if (/fallen off the bus|PCIe Bus Error|AER:/.test(text))
    return ['shut that Spark down and unplug it for a minute; if the trouble comes back, ask its maker']
  if (/Xid/.test(text))
    return ['reboot that Spark; if the trouble comes back, limit its clock there', 'sudo nvidia-smi -lgc 200,2150']
  return ['memory ran out; lower gpu_memory_utilization in the recipe, or stop other services there']
}
