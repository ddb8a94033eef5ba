import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The commit that a folder's git checkout stands at, read from its files as no program of a stranger's folder must be run; null outside of one. */
export async function gitCommit(folder: string): Promise<string | null> {
  for (let at = folder, up = 0; up < 8; at = dirname(at), up++) {
    const head = await firstLine(join(at, '.git', 'HEAD'))
    if (head !== null) return commitOf(join(at, '.git'), head)
    if (at === dirname(at)) return null
  }
  return null
}

async function commitOf(git: string, head: string): Promise<string | null> {
  if (isCommit(head)) return head
  const ref = /^ref: (refs\/(?!.*\.\.)[\w./-]+)$/.exec(head)?.[1]
  if (ref === undefined) return null
  const loose = await firstLine(join(git, ref))
  if (loose !== null && isCommit(loose)) return loose
  const packed = await readFile(join(git, 'packed-refs'), 'utf8').catch(() => '')
  const line = packed.split('\n').find((each) => each.endsWith(` ${ref}`))
  return line && isCommit(line.slice(0, 40)) ? line.slice(0, 40) : null
}

const isCommit = (text: string) => /^[0-9a-f]{40}$/.test(text)

async function firstLine(path: string): Promise<string | null> {
  try {
    return ((await readFile(path, 'utf8')).split('\n')[0] ?? '').trim()
  } catch {
    return null
  }
}
