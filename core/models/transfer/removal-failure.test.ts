import { expect, test } from 'bun:test'
import { removalFailure } from './removal-failure'

const told = (word: string, what: string) =>
  removalFailure({ id: 'spark-1', user: 'spark' }, '/home/spark/hub', word, what).reason

test('removalFailure() gives the command that helps where files belong to root', () => {
  expect(told('closed', 'models--org--m: Permission denied')).toEqual({
    code: 'not_owned',
    message: 'spark may not move models--org--m: Permission denied in /home/spark/hub on spark-1',
    remedy: "on spark-1: sudo chown -R spark: '/home/spark/hub/models--org--m', then delete again",
  })
  expect(told('left', '.spark-control-trash/model-1/models--org--m').remedy).toBe(
    "on spark-1: sudo rm -rf '/home/spark/hub/.spark-control-trash/model-1/models--org--m'",
  )
})

test('removalFailure() tells a full disk from files of another user', () => {
  expect(told('full', '.spark-control-trash: No space left on device')).toMatchObject({
    code: 'disk_full',
    remedy: expect.stringContaining('a few kB'),
  })
})

test('removalFailure() says something of whatever went wrong', () => {
  expect(told('link', '.spark-control-trash').code).toBe('trash_is_link')
  expect(told('', '').message).toContain('did not say why')
})
