import { resolve } from 'node:path'
import { controllerKey, pasteLine } from '../core/cluster/controller-key'
import { firstContact } from '../core/cluster/first-contact'
import { type LiveHost, liveHosts } from '../core/cluster/hosts'
import type { Cluster, Host } from '../core/config/cluster'
import { options, UsageError } from './options'

const usage = 'usage: discover USER@ADDRESS[:PORT]… [--data DIR]'
const patienceMs = 8000

const script = `
for dir in "$HOME"/spark-vllm-docker "$HOME"/*/spark-vllm-docker; do [ -x "$dir/launch-cluster.sh" ] && { printf 'launcher\\t%s\\n' "$dir"; break; }; done
ip -o -4 addr show 2>/dev/null | while read -r _ name _ address _; do printf 'address\\t%s\\t%s\\n' "$name" "\${address%/*}"; done
docker ps --format '{{.Names}}' 2>/dev/null | while read -r name; do printf 'container\\t%s\\n' "$name"; done
printf 'home\\t%s\\n' "$HOME"
`

/** `discover`: looks at Sparks and prints a spark.config.yaml to start from. */
export async function discover(argv: readonly string[]): Promise<number> {
  const { values, words } = options(argv, { data: 'string' }, usage)
  if (words.length === 0) throw new UsageError(usage)
  const declared = words.map(hostOf)
  const data = resolve(values.data ?? process.env.SPARK_CONTROL_DATA ?? 'data')
  const key = controllerKey(data)
  // A look pins nothing: that begins with the configuration that comes of it.
  const shown = new Map<string, string>()
  const hostKeys = { pinned: () => null, pin: (host: string, fingerprint: string) => void shown.set(host, fingerprint) }
  const cluster: Cluster = {
    name: '',
    demo: false,
    hosts: declared,
    services: [],
    aliases: {},
    allowedHosts: [],
    sshKey: null,
  }
  const hosts = liveHosts({ cluster, key, hostKeys })
  try {
    const found = await Promise.all([...hosts.values()].map((live) => look(live)))
    const silent = found.filter((each) => each.seen === null)
    for (const { live } of silent) {
      console.error(
        `${live.host.user}@${live.host.address}: ${live.link.cause ?? 'does not answer'}; ${live.link.remedy ?? 'check power, cable and address'}`,
      )
      if (live.link.code === 'key_refused') console.error(`  paste there: ${pasteLine(key.publicLine)}`)
    }
    console.log(configOf(found, shown))
    return silent.length === 0 ? 0 : 1
  } finally {
    for (const live of hosts.values()) live.close()
  }
}

interface Found {
  live: LiveHost
  seen: { launcher: string | null; fabric: string | null; containers: string[] } | null
}

function hostOf(word: string, index: number): Host {
  const match = /^([a-z_][a-z0-9_-]{0,31})@([A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?$/.exec(word)
  if (!match?.[1] || !match[2]) throw new UsageError(`${word}: is not USER@ADDRESS\n${usage}`)
  const id = `spark-${index + 1}`
  return {
    id,
    title: id,
    address: match[2],
    sshPort: Number(match[3] ?? 22),
    user: match[1],
    launcher: null,
    fabric: null,
  }
}

async function look(live: LiveHost): Promise<Found> {
  if (!(await firstContact(live, patienceMs))) return { live, seen: null }
  try {
    const { stdout } = await live.run(['sh', '-c', script])
    const rows = stdout.split('\n').map((line) => line.split('\t'))
    const of = (name: string) => rows.filter(([first]) => first === name)
    const home = of('home')[0]?.[1] ?? ''
    const launcher = of('launcher')[0]?.[1]?.replace(`${home}/`, '~/') ?? null
    // The two halves of a ConnectX port are named enp1s0f… and enP2p1s0f…; either may carry the address.
    const fabric = of('address').find(([, name]) => /^en[pP]\d+(p\d+)?s0f\dnp\d/.test(name ?? ''))?.[2] ?? null
    return { live, seen: { launcher, fabric, containers: of('container').map(([, name]) => name ?? '') } }
  } catch {
    return { live, seen: null }
  }
}

function configOf(found: Found[], shown: Map<string, string>): string {
  const hosts = found.map(({ live: { host }, seen }) => {
    const more = [
      host.sshPort === 22 ? '' : `, ssh_port: ${host.sshPort}`,
      seen?.launcher ? `, launcher: ${seen.launcher}` : '',
      seen?.fabric ? `, fabric: ${seen.fabric}` : '',
    ]
    const runs = seen && seen.containers.length > 0 ? `; runs ${seen.containers.join(', ')}` : ''
    const remark = seen ? `  # host key ${shown.get(host.id) ?? 'unknown'}${runs}` : '  # did not answer'
    return `  ${host.id}: { address: ${host.address}, user: ${host.user}${more.join('')} }${remark}`
  })
  const head = found.find(({ seen }) => seen?.launcher)?.live.host.id ?? found[0]?.live.host.id
  const others = found.map(({ live }) => live.host.id).filter((id) => id !== head)
  return `# yaml-language-server: $schema=./docs/spark.config.schema.json
hosts:
${hosts.join('\n')}
services:
  llm: { kind: vllm, hosts: [${[head, ...others].join(', ')}], container: vllm_node }  # head first`
}
