import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { command } from './command'

const folders = ['bin', 'tmp', 'proc', 'sys', 'dev', 'etc', 'root', 'workspace']

/**
 * The root of a container that can run Bun, as a tar file: a shell and the libraries; Bun itself is mounted. As `vllm-node` it also
 * has what a launcher calls in there.
 */
export async function imageRoot(folder: string, name: 'lab' | 'vllm-node' = 'lab'): Promise<string> {
  const root = join(folder, `${name}-image`)
  for (const each of folders) mkdirSync(join(root, each), { recursive: true })
  const shells = [placeOf('busybox'), ...(name === 'vllm-node' ? [placeOf('bash')] : [])]
  for (const shell of shells) copy(shell, join(root, 'bin', basename(shell)))
  for (const program of [...shells, process.execPath])
    for (const file of await libraries(program)) copy(file, join(root, file))
  for (const each of ['sh', 'cat', 'env', 'sleep', 'yes']) symlinkSync('busybox', join(root, 'bin', each))
  if (name === 'vllm-node') {
    writeFileSync(join(root, 'bin/vllm'), engine, { mode: 0o755 })
    rmSync(join(root, 'bin/sleep'))
    writeFileSync(join(root, 'bin/sleep'), quick, { mode: 0o755 })
  }
  const tar = join(folder, `${name}.tar`)
  await command(['tar', '-C', root, '-cf', tar, '.'])
  return tar
}

// What a launcher starts as pid 1 hears no TERM, and docker kills it after ten seconds: here they would only be waited for.
const quick = '#!/bin/sh\ntrap "exit 0" TERM\nwhile :; do busybox sleep 1 & wait $!; done\n'
const engine = '#!/bin/sh\nexec /opt/lab/bun /opt/lab/programs/vllm.ts "$@"\n'

function placeOf(name: string): string {
  const found = ['/bin', '/usr/bin'].map((each) => join(each, name)).find(existsSync)
  if (!found) throw new Error(`${name}: is not on this machine; .ci/run installs it`)
  return found
}

function copy(file: string, to: string) {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(file, to)
  chmodSync(to, 0o755)
}

/** The shared libraries of a program; none for a static one. */
async function libraries(file: string): Promise<string[]> {
  const listed = await command(['ldd', file]).catch(() => '')
  return [...listed.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path]) => path ?? '')
}
