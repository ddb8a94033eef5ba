import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place'

/** Tells the simulated GPU how many requests this process works on. */
export function showActivity({ directory }: Place, requests: number): void {
  const folder = join(directory, 'state/activity')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, String(process.pid)), String(requests))
}
