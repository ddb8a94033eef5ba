import { expect, test } from 'bun:test'
import { type Flags, readOptions } from './options'

const flags: Flags = {
  values: ['env', 'time'],
  switches: ['detach', 'interactive'],
  shorts: { e: 'env', t: 'time', d: 'detach', i: 'interactive' },
}

test('readOptions() reads every way docker takes a flag', () => {
  const options = readOptions('x', ['-di', '-eA=1', '--env', 'B=2', '--env=C=3', 'name', '-t', '5'], flags)
  expect(options.all('env')).toEqual(['A=1', 'B=2', 'C=3'])
  expect([options.on('detach'), options.on('interactive'), options.one('time'), options.rest]).toEqual([
    true,
    true,
    '5',
    ['name'],
  ])
})

test('readOptions() leaves the container’s command alone', () => {
  const options = readOptions('exec', ['-i', 'name', 'vllm', 'serve', '-d', '--env'], {
    ...flags,
    commandFollows: true,
  })
  expect(options.rest).toEqual(['name', 'vllm', 'serve', '-d', '--env'])
  expect(options.on('detach')).toBe(false)
})

test.each([
  [['--nope'], 'unknown flag: --nope'],
  [['-dx'], "unknown shorthand flag: 'x' in -dx"],
  [['--env'], 'flag needs an argument: --env'],
])('readOptions() refuses %p', (argv, problem) => {
  expect(() => readOptions('x', argv, flags)).toThrow(problem)
})
