import { expect, test } from 'bun:test'
import { scrubbed } from './scrubbed'

test('scrubbed() lets no token through, whatever it looks like', () => {
  expect(scrubbed('401 for hf_AbCdEf0123456789AbCd there')).toBe('401 for hf_… there')
  expect(scrubbed('Bearer my-own-token, sent', 'my-own-token')).toBe('Bearer hf_…, sent')
  expect(scrubbed('\x1b[31mhf_download.py\x1b[0m failed\x07')).toBe('hf_download.py failed')
})
