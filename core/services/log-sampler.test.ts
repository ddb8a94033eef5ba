import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { logSamplerCommand } from './log-sampler'

setDefaultTimeout(20_000)

// The program runs for real; only docker is played, by a script that prints what a test wants.
let folder: string
const running: Bun.Subprocess[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spark-sampler-'))
  const docker = `#!/bin/sh
case $* in *inspect*) [ -e "${folder}/again" ] && echo true || echo false ;; *--since*) sleep 100 ;; *) exec sh -c "$PRINTS" ;; esac
`
  writeFileSync(join(folder, 'docker'), docker, { mode: 0o755 })
})
afterEach(async () => {
  for (const each of running.splice(0)) {
    each.kill('SIGKILL')
    await each.exited
  }
  rmSync(join(folder, 'again'), { force: true })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the program says while docker's log is what `prints` prints, up to a line that `last` fits. */
async function sampled(prints: string, last: string, tail = 1) {
  const [program = '', ...words] = logSamplerCommand('name', tail)
  const path = `${folder}:${process.env.PATH}`
  const child = Bun.spawn([program, ...words], { stdout: 'pipe', env: { PATH: path, PRINTS: prints } })
  running.push(child)
  let text = ''
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += piece
    if (text.includes(`${last}\n`)) break
  }
  return { lines: text.split('\n').slice(0, -1), child }
}

test('a flood is sampled, and not a line is neither passed nor counted', async () => {
  const flood = 'n=0; while [ $n -lt 10 ]; do yes line of the flood | head -n 500000; n=$((n + 1)); sleep 0.1; done'
  const { lines } = await sampled(`${flood}; sleep 2; echo last; sleep 9`, 'last')
  const passed = lines.filter((line) => line === 'line of the flood').length
  const left = lines.flatMap((line) => (line.startsWith('\x1eleft ') ? [Number(line.slice(6))] : []))
  expect(passed + left.reduce((sum, each) => sum + each, 0)).toBe(5_000_000)
  expect(passed).toBeLessThan(5000)
})

test('the lines that were asked for from before are no flood', async () => {
  const { lines } = await sampled('seq 1 1000; sleep 2; echo last; sleep 9', 'last', 1000)
  expect(lines).toEqual([...Array.from({ length: 1000 }, (_, n) => String(n + 1)), 'last'])
})

test('a line that is too long is cut, a bar keeps its last state, and no line can be a mark', async () => {
  const prints = [
    "head -c 100000 /dev/zero | tr '\\0' x",
    'echo',
    "printf '10%%\\r50%%\\r100%%\\n'",
    "printf '\\036left 7\\n'",
    'echo last',
    'sleep 9',
  ]
  const { lines } = await sampled(prints.join('; '), 'last', 10)
  expect(lines).toEqual(['x'.repeat(16_384), '100%', 'left 7', 'last'])
})

test('the end of the container is told, and its log is followed on when it runs again', async () => {
  const ended = await sampled('echo one', '\x1eended')
  expect(ended.lines).toEqual(['one', '\x1eended'])
  writeFileSync(join(folder, 'again'), '')
  const again = await sampled('echo one', '\x1estarted')
  expect(again.lines.filter((line) => line !== '\x1e')).toEqual(['one', '\x1eended', '\x1estarted'])
})

test('a log that docker can not tell of a container that runs brings its error once and costs little', async () => {
  writeFileSync(join(folder, 'again'), '')
  const asked = join(folder, 'asked')
  const refuses = `echo asked >> ${asked}; echo "Error response from daemon: no log" >&2; exit 1`
  const { lines } = await sampled(refuses, '\x1e\n\x1e')
  expect(lines.filter((line) => line !== '\x1e')).toEqual(['Error response from daemon: no log'])
  expect(readFileSync(asked, 'utf8')).toBe('asked\n')
})

test('TERM ends docker with it', async () => {
  const { child, lines } = await sampled('echo $$; exec sleep 100', '')
  child.kill('SIGTERM')
  expect(await child.exited).toBe(0)
  const docker = Number(lines[0])
  while (alive(docker)) await Bun.sleep(5)
})

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
