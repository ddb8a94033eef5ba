import { expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { journal } from '../jobs/journal'
import { newJob } from '../jobs/progress'
import { backups } from './backups'
import { openStore } from './store'

test('two backups are kept, private to the owner, and a backup that the disk refuses leaves them', () => {
  const { store, file, errors, copies } = kept()
  journal(store).add({ view: job('service-1'), request: {} })
  copies.make()
  journal(store).add({ view: job('service-2'), request: {} })
  copies.make()
  expect([jobsIn(`${file}.backup`), jobsIn(`${file}.backup-before`)]).toEqual([
    ['service-1', 'service-2'],
    ['service-1'],
  ])
  expect(statSync(`${file}.backup`).mode & 0o777).toBe(0o600)
  writeFileSync(`${file}.backup-part-journal`, 'left behind by a crash')
  copies.close()
  expect(errors).toEqual([])
  expect(existsSync(`${file}.backup-part`)).toBe(false)
})

test('no backup is made while a swap runs, since that swap would be taken up again from it', () => {
  const { store, file, copies } = kept()
  journal(store).add({ view: { ...job('swap-1'), kind: 'swap' }, request: {} })
  copies.make()
  expect(existsSync(`${file}.backup`)).toBe(false)
  journal(store).save({ ...job('swap-1'), kind: 'swap', state: 'done' })
  copies.close()
  expect(jobsIn(`${file}.backup`)).toEqual(['swap-1'])
})

function kept() {
  const data = mkdtempSync(join(tmpdir(), 'spark-store-'))
  const store = openStore(data)
  const errors: unknown[] = []
  const copies = backups(store, { onError: (error) => errors.push(error) })
  return { store, file: join(data, 'spark-control.sqlite'), errors, copies }
}

function jobsIn(backup: string): string[] {
  const copy = mkdtempSync(join(tmpdir(), 'spark-store-'))
  writeFileSync(join(copy, 'spark-control.sqlite'), readFileSync(backup))
  using store = openStore(copy)
  return journal(store)
    .list()
    .map(({ id }) => id)
    .sort()
}

function job(id: string) {
  const given = { id, kind: 'service' as const, action: 'start', title: 'Start it', service: 'llm' }
  return newJob({ ...given, phases: [] }, new Date(0).toISOString())
}
