import { type Advice, right, type Verdict, wrong } from '../check'
import type { Examined } from '../examined'

/** The fast link between Sparks, and whether the head gets into each worker by itself. */
export function networkChecks(examined: Examined): Verdict[] {
  return [...fabric(examined), ...workers(examined)]
}

function fabric({ host, answers }: Examined): Verdict[] {
  if (host.fabric === null || !answers.has('address')) return []
  const row = answers.all('address').find((each) => each.includes(` ${host.fabric}/`))
  const name = row?.split(/\s+/)[1]
  if (!name) {
    const cabled = answers.all('address').find((each) => /^\d+: en[pP]\d+(p\d+)?s0f\dnp\d/.test(each))
    const other = /inet (\d+\.\d+\.\d+\.\d+)/.exec(cabled ?? '')?.[1]
    return [
      wrong(
        'fabric',
        `no interface has the fabric address ${host.fabric}`,
        ...(other ? declareOther(host.id, other) : giveAddress),
      ),
    ]
  }
  const link = answers.all('link').find((each) => each.includes(` ${name}:`) || each.includes(` ${name}@`))
  const device = answers.all('infiniband').find((each) => each.includes(` ${name} `) || each.endsWith(` ${name}`))
  const carries = link === undefined || /\bLOWER_UP\b/.test(link)
  if (!carries || /\(Down\)/.test(device ?? ''))
    return [
      wrong(
        'fabric',
        `the fast link (${name}, ${host.fabric}) is down`,
        'check the QSFP cable; the same port on both Sparks',
      ),
    ]
  const speed = Number(answers.get('fabric-speed'))
  if (speed > 0 && speed < 100_000)
    return [
      wrong(
        'fabric',
        `the fast link (${name}) runs at only ${speed / 1000} Gbit/s`,
        'use a 200 Gbit/s QSFP cable in the ConnectX port, or correct the fabric address',
      ),
    ]
  const rate = speed > 0 ? `, ${speed / 1000} Gbit/s` : ''
  return [right('fabric', `the fast link is up (${name}, ${host.fabric}${rate})`)]
}

const declareOther = (host: string, address: string): Advice => [
  `it has ${address} there; write that as hosts.${host}.fabric`,
]
const giveAddress: Advice = [
  'give the ConnectX port that address in /etc/netplan/40-cx7.yaml there, then',
  'sudo netplan apply',
]

function workers({ host, answers, workers: declared }: Examined): Verdict[] {
  return declared.map((worker) => {
    const address = worker.fabric ?? worker.address
    const said = answers.all('worker').find((each) => each.startsWith(`${address} `))
    const outcome = said?.slice(address.length + 1)
    if (outcome === 'ok')
      return right('worker-ssh', `${host.id} gets into ${worker.id} (${address}) by SSH without a prompt`)
    return wrong(
      'worker-ssh',
      `${host.id} does not get into ${worker.id} (${address}) by SSH: ${outcome || 'no answer within 8 s'}`,
      ...remedy(outcome ?? '', address),
    )
  })
}

function remedy(outcome: string, address: string): Advice {
  // One login by hand learns the host key; it is not this program's to trust.
  if (/host key verification failed|no .* host key is known/i.test(outcome))
    return ['log in on the head, run this once and answer yes', `ssh ${address} true`]
  if (/permission denied/i.test(outcome))
    return ['log in on the head and run (ssh-keygen -t ed25519 first, if it has no key yet)', `ssh-copy-id ${address}`]
  if (/no route|timed out|unreachable|refused/i.test(outcome))
    return ['check the cable between the Sparks and that the worker is on']
  return ['log in on the head and try', `ssh ${address} true`]
}
