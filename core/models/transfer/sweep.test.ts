import { afterEach, beforeEach, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jobId } from '../../jobs/journal'
import { look } from '../disk/look'
import { abandonDetached } from './abandon-detached'
import { startDetached } from './detached'
import { localHost } from './local-host.sample'
import { orphans } from './orphans'
import { sweep } from './sweep'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'spark-sweep-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const { signal } = new AbortController()
const options = (running: string[] = [], list = orphans()) => ({
  disks: { look: () => look(localHost(home), { signal }) },
  orphans: list,
  running: () => new Set(running),
  signal,
})

test('sweep() ends what a job that was given up while the host was out of reach left at work there', async () => {
  const job = jobId('model')
  const live = localHost(home)
  await startDetached(live, { name: `${job}.1.download`, subject: 'org/model', argv: ['sleep', '60'], token: null })
  const list = orphans()
  const gone = { ...live, run: () => Promise.reject(new Error('spark-1: is out of reach; try again')) }
  const parts = { hosts: new Map([['spark-1', gone]]), orphans: list, changed: async () => {} }
  const context = { job, signal, report() {}, log() {}, transfer() {}, finish() {} }
  await abandonDetached(parts, new Set(), context)
  expect(existsSync(join(home, '.spark-control/transfers', `${job}.1.download`))).toBe(true)
  await sweep(live, options([], list))
  expect(readdirSync(join(home, '.spark-control/transfers'))).toEqual([])
  expect(list.of('spark-1')).toEqual([])
})

test('sweep() removes what deletes have left, but for those that run and for what is not ours', async () => {
  const [left, running] = [jobId('model'), jobId('model')]
  const trash = join(home, '.cache/huggingface/hub/.spark-control-trash')
  for (const name of [left, running, 'precious'])
    mkdirSync(join(trash, name, 'models--org--model'), { recursive: true })
  await sweep(localHost(home), options([running]))
  expect(readdirSync(trash).toSorted()).toEqual([running, 'precious'].toSorted())
})
