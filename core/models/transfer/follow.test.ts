import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { LiveHost } from '../../cluster/hosts'
import { follow, printedLines } from './follow'
import { localHost } from './local-host.sample'

function printed(parts: string[]): string[] {
  const seen: string[] = []
  const lines = printedLines((each) => seen.push(...each))
  for (const part of parts) lines.push(part)
  lines.end()
  return seen
}

test('printedLines() gives whole lines, wherever they were cut on the way', () => {
  expect(printed(['token hf_AbCd', 'Ef\nnext', ' one\r', '\n\nlast'])).toEqual(['token hf_AbCdEf', 'next one', 'last'])
  const text = fc.array(fc.constantFrom('a', 'b ', '\n', '\r'), { maxLength: 40 })
  fc.assert(fc.property(text, (parts) => expect(printed(parts)).toEqual(printed([parts.join('')]))))
})

test('follow() waits for room where a full disk does not even let the work begin', async () => {
  const home = mkdtempSync(join(tmpdir(), 'spark-follow-'))
  const local = localHost(home)
  let full = true
  const live: LiveHost = {
    ...local,
    run: (argv, options) =>
      full
        ? Promise.resolve({
            code: 1,
            signal: null,
            stdout: '',
            stdoutBytes: 0,
            stderr: 'mkdir: No space left on device',
          })
        : local.run(argv, options),
  }
  const said: string[] = []
  const { signal } = new AbortController()
  const log = (lines: string[]) => void said.push(...lines)
  const ended = await follow({
    live,
    work: { name: 'model-1.1.download', subject: 'org/model', argv: ['sh', '-c', 'echo hf_; exit 4'], token: 'hf_' },
    context: { job: 'model-1', signal, report() {}, log, transfer() {}, finish() {} },
    look: async () => {},
    async room() {
      full = false
    },
  })
  expect([ended.exit, ended.said, said]).toEqual([4, 'hf_…\n', ['hf_']])
  rmSync(home, { recursive: true })
})
