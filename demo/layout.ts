import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freshKeyPair } from '../core/cluster/key-pair'
import { type HostPlace, hostEnvironment } from './machine/environment'
import { writeNetwork } from './machine/network'

/** One host as the layout needs it: where it is, and how it is reached. */
export interface HostLayout extends HostPlace {
  fabric: string
  sshPort: number
}

const PROGRAMS = join(import.meta.dir, 'programs')
const LAUNCHERS = join(PROGRAMS, 'launcher')

/** Programs that read files named on their command line: the stand-in `cat` stands before each of them. */
const READERS = ['awk', 'cut', 'grep', 'head', 'ls', 'sed', 'tail', 'wc']
/** Played by the stand-in `systemctl`. */
const POWER_PROGRAMS = ['halt', 'poweroff', 'reboot', 'shutdown']
const PROCESS_PROGRAMS = ['ps', 'pgrep', 'pkill', 'killall']

/** Writes a fresh key pair for the controller; answers the path of the private key. */
export function writeClusterKey(cluster: string): string {
  const path = join(cluster, 'id_ed25519')
  if (existsSync(path)) return path
  const pair = freshKeyPair('spark-control demo')
  writeFileSync(path, pair.private, { mode: 0o600 })
  writeFileSync(`${path}.pub`, `${pair.public}\n`)
  return path
}

/** Writes the programs that are on PATH in every container: each file of programs/container, a `.ts` behind two lines of sh. */
export function writeContainerPrograms(cluster: string) {
  const bin = join(cluster, 'container-bin')
  mkdirSync(bin, { recursive: true })
  for (const file of readdirSync(join(PROGRAMS, 'container'))) {
    if (file.endsWith('.test.ts')) continue
    install(join(PROGRAMS, 'container', file), join(bin, file.replace(/\.ts$/, '')))
  }
  for (const file of readdirSync(join(PROGRAMS, 'services'))) {
    if (!file.endsWith('.test.ts')) install(join(PROGRAMS, 'services', file), join(bin, file.replace(/\.ts$/, '')))
  }
  for (const name of ['cat', ...READERS]) install(join(PROGRAMS, 'host/cat'), join(bin, name))
  install(join(PROGRAMS, 'host/curl'), join(bin, 'curl'))
  for (const name of PROCESS_PROGRAMS) program(join(bin, name), join(PROGRAMS, 'processes.ts'), name)
}

/** Writes one host's home, programs and addresses; a container image has the same id everywhere. */
export function writeHost(host: HostLayout, hosts: HostLayout[], mods: string[] = []) {
  const { directory } = host
  const home = join(directory, 'home')
  const launcher = join(home, 'spark-vllm-docker')
  // A cluster that starts again in its folder finds its homes as they were, its machines just switched on.
  rmSync(join(directory, 'state'), { recursive: true, force: true })
  for (const folder of [
    'bin',
    'proc',
    'state/containers',
    'state/memory',
    'state/faults',
    'state/activity',
    'state/ports',
  ]) {
    mkdirSync(join(directory, folder), { recursive: true })
  }
  for (const folder of ['.ssh', '.local/bin', '.cache/huggingface/hub'])
    mkdirSync(join(home, folder), { recursive: true })
  mkdirSync(launcher, { recursive: true })
  if (!existsSync(join(home, '.ssh/authorized_keys')))
    writeFileSync(join(home, '.ssh/authorized_keys'), '', { mode: 0o600 })
  writePrograms(join(directory, 'bin'))
  for (const [file, name] of launcherFiles(host.launcher)) install(join(LAUNCHERS, file), join(launcher, name))
  install(join(PROGRAMS, 'local/hf.ts'), join(home, '.local/bin/hf'))
  install(join(PROGRAMS, 'local/uvx'), join(home, '.local/bin/uvx'))
  mkdirSync(join(home, 'my-server'), { recursive: true })
  for (const file of readdirSync(join(PROGRAMS, 'my-server')))
    install(join(PROGRAMS, 'my-server', file), join(home, 'my-server', file))
  mkdirSync(join(launcher, 'recipes'), { recursive: true })
  for (const file of readdirSync(join(LAUNCHERS, 'recipes')))
    copyFileSync(join(LAUNCHERS, 'recipes', file), join(launcher, 'recipes', file))
  for (const mod of mods) {
    mkdirSync(join(launcher, mod), { recursive: true })
    writeFileSync(join(launcher, mod, 'run.sh'), '#!/bin/bash\necho "patched"\n', { mode: 0o755 })
  }
  writeFileSync(join(launcher, '.env'), launcherEnvironment(host, hosts))
  writeFileSync(
    join(directory, 'addresses'),
    `id=${host.id}\naddress=${host.address}\nfabric=${host.fabric}\nssh_port=${host.sshPort}\n`,
  )
  writeNetwork(directory, host)
  writeFileSync(join(directory, 'environment'), exports(hostEnvironment(host)))
  writeFileSync(join(directory, 'state/images.json'), JSON.stringify(IMAGES))
  writeFileSync(join(directory, 'state/events'), '')
}

/** Fills a folder with what stands first on a host's PATH. */
export function writePrograms(bin: string) {
  mkdirSync(bin, { recursive: true })
  const hostPrograms = join(PROGRAMS, 'host')
  for (const name of readdirSync(hostPrograms)) {
    const systemHasIt = ['setsid', 'timeout'].includes(name) && Bun.which(name) !== null
    if (!systemHasIt) install(join(hostPrograms, name), join(bin, name))
  }
  for (const name of READERS) install(join(hostPrograms, 'cat'), join(bin, name))
  for (const name of POWER_PROGRAMS) install(join(hostPrograms, 'systemctl'), join(bin, name))
  for (const name of PROCESS_PROGRAMS) program(join(bin, name), join(PROGRAMS, 'processes.ts'), name)
  program(join(bin, 'ss'), join(PROGRAMS, 'ss.ts'))
  program(join(bin, 'rsync'), join(PROGRAMS, 'rsync.ts'))
  program(join(bin, 'docker'), join(import.meta.dir, 'docker/docker.ts'))
}

const launcherFiles = (launcher: 'new' | 'old'): [string, string][] =>
  launcher === 'new'
    ? [
        ['launch-cluster.sh', 'launch-cluster.sh'],
        ['hf-download.sh', 'hf-download.sh'],
      ]
    : [
        ['launch-cluster-old.sh', 'launch-cluster.sh'],
        ['hf-download-old.sh', 'hf-download.sh'],
      ]

/** As the launcher's own setup leaves it: every node, and what this one is called. */
function launcherEnvironment(host: HostLayout, hosts: HostLayout[]): string {
  const others = hosts.filter((one) => one.id !== host.id).map((one) => one.fabric)
  const lines = [
    `CLUSTER_NODES=${hosts.map((one) => one.fabric).join(',')}`,
    ...(others.length > 0 ? [`COPY_HOSTS=${others.join(',')}`] : []),
    `LOCAL_IP=${host.fabric}`,
    'ETH_IF=enp1s0f1np1',
    'IB_IF=rocep1s0f1,roceP2p1s0f1',
  ]
  return `${lines.join('\n')}\n`
}

const imageId = (name: string) => `sha256:${createHash('sha256').update(name).digest('hex')}`
const image = (repository: string, gigabytes: number, created: string, tag = 'latest', entrypoint: string[] = []) => ({
  repository,
  tag,
  id: imageId(tag === 'latest' ? repository : `${repository}:${tag}`),
  created: Date.parse(created),
  bytes: gigabytes * 1e9,
  entrypoint,
})

const IMAGES = [
  image('vllm-node', 21.4, '2026-10-01T08:12:00Z'),
  image('vllm-node-b12x', 22.1, '2026-10-01T09:30:00Z'),
  image('vllm-node-mxfp4', 20.8, '2026-07-03T10:00:00Z'),
  image('vllm/vllm-openai', 24.9, '2026-04-09T16:02:00Z', 'gemma4-cu130', ['vllm', 'serve']),
  image('bot', 0.2, '2026-09-30T11:05:00Z'),
  image('bge-m3', 6.2, '2026-08-11T07:45:00Z'),
  image('comfyui', 12.9, '2026-09-19T17:20:00Z'),
]

/** A `.ts` becomes two lines of sh that run it; anything else is copied, whatever mode it was checked out with. */
function install(from: string, to: string) {
  if (from.endsWith('.ts')) return program(to, from)
  copyFileSync(from, to)
  chmodSync(to, 0o755)
}

function program(to: string, file: string, ...first: string[]) {
  const words = [process.execPath, file, ...first].map(quoted).join(' ')
  writeFileSync(to, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 })
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`

const exports = (environment: Record<string, string>) =>
  Object.entries(environment)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('')

/** Public keys that may log in on a host: the cluster's own, and those a person added. */
export const authorizedKeyFiles = (cluster: string, directory: string) => [
  join(cluster, 'id_ed25519.pub'),
  join(directory, 'home/.ssh/authorized_keys'),
]
