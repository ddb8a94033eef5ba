import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import type { TestCluster } from './cluster'

/** Words as a program on the first Spark gets them; in pieces, for one SSH command holds 32 kB. */
export async function arrived({ plane }: TestCluster, words: string[]): Promise<string[]> {
  const live = plane.runtime.hosts.get('spark-1')
  const pieces: string[] = []
  for (let index = 0; index < words.length; index += 200) {
    const command = ['printf', '%s\\0', ...words.slice(index, index + 200)]
    const { stdout } = (await live?.run(command)) ?? { stdout: '' }
    pieces.push(...stdout.split('\0').slice(0, -1))
  }
  return pieces
}

/** Every file of that name below a folder: one that a shell made out of a hostile text. */
export function canariesIn(folder: string, canary: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => basename(name) === canary)
}
