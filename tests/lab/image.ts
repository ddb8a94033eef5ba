import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { command } from './command'

/** The root of a container that can run Bun, as a tar file: a shell and the libraries; Bun itself is mounted. */
export async function imageRoot(folder: string): Promise<string> {
  const root = join(folder, 'image')
  for (const name of ['bin', 'tmp', 'proc', 'sys', 'dev', 'etc']) mkdirSync(join(root, name), { recursive: true })
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].find(existsSync) ?? ''
  for (const file of [busybox, ...(await libraries(busybox)), ...(await libraries(process.execPath))]) {
    const to = file === busybox ? join(root, 'bin/busybox') : join(root, file)
    mkdirSync(dirname(to), { recursive: true })
    copyFileSync(file, to)
    chmodSync(to, 0o755)
  }
  for (const name of ['sh', 'cat', 'sleep', 'yes']) symlinkSync('busybox', join(root, 'bin', name))
  const tar = join(folder, 'image.tar')
  await command(['tar', '-C', root, '-cf', tar, '.'])
  return tar
}

/** The shared libraries of a program; none for a static one. */
async function libraries(file: string): Promise<string[]> {
  const listed = await command(['ldd', file]).catch(() => '')
  return [...listed.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path]) => path ?? '')
}
