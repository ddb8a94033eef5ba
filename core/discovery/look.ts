import { answers } from '../cluster/answers'
import { asking } from '../cluster/asking'
import type { LiveHost } from '../cluster/hosts'
import { asker } from '../cluster/probe'
import type { FoundEngine, Seen } from './found'
import { type Listening, readListening } from './listening'
import { recognise } from './recognise'
import { containerAt, readSeen } from './seen'

const mostPorts = 64
const atOnce = 8
const askMs = 1500
/** From here on the kernel hands out ports: what listens there is some program's inner matter, unless a container names it. */
const firstEphemeral = 32_768
/** ssh, DNS, portmapper, Windows shares, printing, NFS, mDNS, remote desktops: nothing to ask a GET of. */
const neverAsked = new Set([22, 53, 111, 139, 445, 631, 2049, 3389, 5353, 5355, 5900])

// One round trip, read-only, like the doctor's.
const script = `${asking}
machine() {
  say home "$HOME"
  say hostname "$(hostname)"
  say boot-id "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
  say machine-id "$(cat /etc/machine-id 2>/dev/null)"
  grep -E '^MemTotal:' /proc/meminfo | each memory
  ip -o -4 addr show 2>/dev/null | each address
  { ss -ltnH 2>/dev/null || cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; } | each listening
  for dir in "$HOME"/spark-vllm-docker "$HOME" "$HOME"/* "$HOME"/*/spark-vllm-docker; do
    [ -x "$dir/launch-cluster.sh" ] && { say launcher "$dir"; break; }
  done
}
gpu() { within 6 nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | each gpu; }
cache() {
  cache_place
  say hub-models "$(ls -d "$hub"/models--*--* 2>/dev/null | wc -l)"
  say hub-size "$(within 8 du -sb "$hub" 2>/dev/null | cut -f 1)"
}
containers() {
  rows=$(within 6 docker ps -a --format '{{.Names}}|{{.State}}|{{.Image}}|{{.Ports}}' 2>/dev/null) || return
  say docker ok
  echo "$rows" | each container
  for name in $(echo "$rows" | grep '^[^|]*|running|' | cut -d '|' -f 1 | head -n 32); do
    within 5 docker top "$name" -eo args 2>/dev/null | tail -n +2 | head -n 20 | while IFS= read -r row; do say process "$name $(echo "$row" | cut -c 1-2000)"; done &
  done
  wait
}
machine & gpu & cache & containers &
wait
`

/** Looks at one Spark that has let this controller in: one round trip there, then a GET or some on each port that can be reached. */
export async function look(live: LiveHost): Promise<Seen> {
  const { stdout } = await live.run(['sh', '-c', script, 'spark-control-discover'], { timeoutMs: 20_000 })
  const said = answers(stdout, 2400)
  const seen = readSeen(said)
  const address = live.address ?? live.host.address
  const ports = readListening(said.all('listening').join('\n'), address)
  return { ...seen, engines: await enginesOn(address, asked(ports, live.host.sshPort, seen), seen) }
}

function asked(ports: Listening[], sshPort: number, { containers }: Seen): number[] {
  const named = new Set(containers.flatMap((container) => container.ports))
  return ports
    .map(({ port }) => port)
    .filter((port) => port !== sshPort && !neverAsked.has(port) && (port < firstEphemeral || named.has(port)))
    .slice(0, mostPorts)
}

async function enginesOn(address: string, ports: number[], seen: Seen): Promise<FoundEngine[]> {
  const found: FoundEngine[] = []
  for (let at = 0; at < ports.length; at += atOnce) {
    const some = ports.slice(at, at + atOnce)
    const recognised = await Promise.all(some.map((port) => recognise(asker(address, port, askMs))))
    for (const [index, each] of recognised.entries()) {
      const port = some[index] ?? 0
      if (each && each.engine !== 'spark-control')
        found.push({ port, recognised: each, container: containerAt(port, each, seen.containers) })
    }
  }
  return once(found)
}

/** An engine may answer on inner ports too; the one that its container names, else the lowest, is the one to use. */
function once(found: FoundEngine[]): FoundEngine[] {
  const key = ({ recognised: { engine, models } }: FoundEngine) => `${engine} ${models.join(' ')}`
  const named = ({ port, container }: FoundEngine) => container?.ports.includes(port) ?? false
  return found.filter((each) => {
    const same = found.filter((other) => key(other) === key(each))
    return named(each) || (!same.some(named) && same[0] === each)
  })
}
