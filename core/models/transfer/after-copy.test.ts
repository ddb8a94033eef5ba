import { expect, test } from 'bun:test'
import { afterCopy } from './after-copy'

const copying = { from: 'spark-1', to: 'spark-2', login: 'spark@192.0.2.12' }
const none = { vanished: 0, later: 0 }
const bad = { whole: false, problems: ['model.safetensors: broken link: the bytes were not copied'] }
const after = (exit: number | null, said: string, tries = none, full = false) =>
  afterCopy({ exit, said, full }, bad, tries, copying)

test('afterCopy() believes the files at the end, never rsync', () => {
  expect(afterCopy({ exit: 12, said: 'error', full: false }, { whole: true, problems: [] }, none, copying)).toEqual({
    next: 'done',
  })
  expect(after(0, 'sent 13 MB')).toMatchObject({
    reason: { code: 'copy_incomplete', message: expect.stringContaining('broken link') },
  })
})

test('afterCopy() tells how one Spark may log in on the other', () => {
  expect(after(255, 'spark@192.0.2.12: Permission denied (publickey,password).')).toMatchObject({
    reason: { code: 'copy_login_refused', remedy: expect.stringContaining('ssh-copy-id spark@192.0.2.12') },
  })
})

test('afterCopy() tries again where the way was cut, and waits where the disk is full', () => {
  expect(after(255, 'ssh: connect to host 192.0.2.12 port 22: No route to host')).toMatchObject({
    next: 'wait',
    seconds: 5,
  })
  expect(after(12, 'rsync: connection unexpectedly closed', { ...none, later: 10 })).toMatchObject({
    reason: { code: 'copy_failed' },
  })
  expect(after(11, 'rsync: write failed: No space left on device (28)')).toEqual({ next: 'room', on: 'to' })
  expect(after(null, '', none, true)).toEqual({ next: 'room', on: 'from' })
  expect(after(127, 'bash: line 1: rsync: command not found')).toMatchObject({ reason: { code: 'rsync_missing' } })
  expect(after(null, '')).toMatchObject({ next: 'again' })
})
