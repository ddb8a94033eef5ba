import { expect, test } from 'bun:test'
import type { Note } from '../history/event'
import { endJob, newJob } from './progress'
import { recordJobs } from './record-jobs'

const at = '2026-01-31T14:05:30Z'
const job = newJob(
  { id: 'service-1', kind: 'service', action: 'restart', title: 'Restart ComfyUI', service: 'comfy', phases: [] },
  at,
)

test('recordJobs() notes the end of a job once, with its cause', () => {
  const notes: Note[] = []
  const listen = recordJobs({ note: (note) => notes.push(note) })
  const failed = endJob(job, 'failed', at, { code: 'x', message: 'it has ended', remedy: 'look' })
  for (const data of [job, failed, failed]) listen({ id: 1, type: 'job', data })
  listen({ id: 2, type: 'swap', data: { ...endJob(job, 'done', at), id: 'swap-1', title: undefined, recipe: 'small' } })
  listen({ id: 3, type: 'host', data: null })
  expect(notes).toEqual([
    { type: 'job', service: 'comfy', job: 'service-1', text: 'Restart ComfyUI: failed: it has ended' },
    { type: 'job', service: 'comfy', job: 'swap-1', text: 'Swap to small: done' },
  ])
})
