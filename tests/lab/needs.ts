import { existsSync } from 'node:fs'

const programs = [
  'ip',
  'bridge',
  'nft',
  'unshare',
  'nsenter',
  'ssh-keygen',
  'sshd',
  'dockerd',
  'busybox',
  'bash',
  'perl',
  'git',
]

/** Why no lab can stand on this machine, or null when it can. */
export function labObstacle(): string | null {
  if (process.platform !== 'linux') return 'a lab needs the namespaces of Linux'
  if (process.getuid?.() !== 0) return 'a lab needs root: it makes network namespaces'
  const missing = programs.filter((name) => !existing(name))
  if (missing.length > 0) return `a lab needs ${missing.join(', ')}; .ci/run installs them`
  const tried = Bun.spawnSync(['unshare', '--mount', '--uts', '--ipc', '--net', '--pid', '--fork', 'true'])
  return tried.success ? null : `a lab needs namespaces: ${tried.stderr.toString().trim()}`
}

function existing(name: string): boolean {
  return ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) =>
    existsSync(`${folder}/${name}`),
  )
}
