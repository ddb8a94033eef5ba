import { expect, test } from 'bun:test'
import ssh2 from 'ssh2'
import { freshKeyPair } from './key-pair'

test('freshKeyPair() gives pairs that can always be read again and belong together', () => {
  for (let round = 0; round < 1000; round++) {
    const pair = freshKeyPair('a comment')
    const [own, open] = [ssh2.utils.parseKey(pair.private), ssh2.utils.parseKey(pair.public)]
    if (own instanceof Error || open instanceof Error) throw new Error(`${round}: a pair cannot be read`)
    expect(own.getPublicSSH()).toEqual(open.getPublicSSH())
    expect(pair.public.endsWith(' a comment')).toBe(true)
  }
})
