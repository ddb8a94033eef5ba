import { expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import fc from 'fast-check'
import { shellText } from './shell'

const shells = ['/bin/sh', '/bin/bash', '/bin/dash'].filter((path) => existsSync(path))
const text = fc.string({ unit: 'binary', maxLength: 40 }).map((s) => s.replaceAll('\0', '').toWellFormed())

test.each(shells)('shellText() brings any argument through %s unchanged', async (shell) => {
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 6 }), async (words) => {
      expect(await echoed(shell, words)).toEqual(words)
    }),
    { numRuns: 100 },
  )
})

test('shellText() leaves plain words bare and quotes the rest', () => {
  expect(shellText(['docker', 'ps', '--filter', 'name=^x$'])).toBe("docker ps --filter 'name=^x$'")
  expect(shellText(['echo', "it's"])).toBe(`echo 'it'\\''s'`)
  expect(shellText(['echo', ''])).toBe("echo ''")
})

test('shellText() refuses a NUL and an empty list', () => {
  expect(() => shellText(['echo', 'a\0b'])).toThrow('holds a NUL')
  expect(() => shellText([])).toThrow('is empty')
})

async function echoed(shell: string, words: string[]): Promise<string[]> {
  const line = shellText(['printf', '%s\\0', ...words])
  const child = Bun.spawn([shell, '-c', line], { stdout: 'pipe', stderr: 'pipe' })
  const out = await new Response(child.stdout).text()
  return out.split('\0').slice(0, -1)
}
