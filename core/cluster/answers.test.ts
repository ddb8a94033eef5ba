import { expect, test } from 'bun:test'
import { answers } from './answers'

test('answers() tells the values of a name in their order, without control characters', () => {
  const { get, all, has } = answers('gpu\tGB10\nport\t1\nno value\n\tno name\nport\t2\u001b[31m\n')
  expect([get('gpu'), all('port'), has('no value'), get('')]).toEqual(['GB10', ['1', '2[31m'], false, ''])
})

test('answers() of a host that never stops talking are read at once and kept within bounds', () => {
  const { all } = answers(`${'a\tb\n'.repeat(1_000_000)}late\tone\n`)
  expect([all('a').length, all('late')]).toEqual([1000, []])
})
