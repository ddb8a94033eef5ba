import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { claimFence, fenced, fenceOn } from './fence'
import { localHost } from './local-host.sample'
import { StepError, SupersededError } from './step'

const scratch = mkdtempSync(join(tmpdir(), 'spark-fence-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

let count = 0
function spark() {
  const home = join(scratch, String(++count))
  mkdirSync(home)
  return { live: localHost(home), home, file: join(home, '.spark-control/fence') }
}

async function refused(act: Promise<unknown>): Promise<StepError> {
  const error = await act.then(
    () => null,
    (reason) => reason,
  )
  if (!(error instanceof StepError)) throw new Error(`it should have been refused, but: ${error}`)
  return error
}

test('a host where nothing has swapped yet has the fence 0, after a claim its number', async () => {
  const { live } = spark()
  expect(await fenceOn(live)).toBe(0)
  await claimFence(live, 12, 'swap-a')
  expect(await fenceOn(live)).toBe(12)
})

test('a claim may be made twice, but not by another swap, nor with a lower number', async () => {
  const { live } = spark()
  await claimFence(live, 12, 'swap-a')
  await claimFence(live, 12, 'swap-a')
  for (const [number, job] of [
    [12, 'swap-b'],
    [11, 'swap-b'],
    [11, 'swap-a'],
  ] as const) {
    const error = await refused(claimFence(live, number, job))
    expect(error).toBeInstanceOf(SupersededError)
    expect(error.message).toBe('spark-1: another controller has swapped here since (fence 12 by swap-a)')
  }
})

test('of two that claim the same number at once one has it', async () => {
  const { live } = spark()
  const claims = ['swap-a', 'swap-b', 'swap-c', 'swap-d'].map((job) =>
    claimFence(live, 3, job).then(
      () => job,
      () => null,
    ),
  )
  const winners = (await Promise.all(claims)).filter((job) => job !== null)
  expect(winners).toHaveLength(1)
  const held = await fenced(live, 3, winners[0] ?? '', ['echo', 'mine'])
  expect(held.stdout).toBe('mine\n')
})

test('exit code, both outputs and the input of a fenced command pass through', async () => {
  const { live } = spark()
  await claimFence(live, 1, 'swap-a')
  const said = await fenced(live, 1, 'swap-a', ['sh', '-c', 'cat; echo "$2" >&2; exit "$1"', 'x', '90', 'superseded'], {
    input: 'in\0put',
  })
  expect(said).toMatchObject({ code: 90, stdout: 'in\0put', stderr: 'superseded\n' })
  expect(await fenced(live, 1, 'swap-a', ['no-such-program'])).toMatchObject({ code: 127 })
  expect(await fenced(live, 1, 'swap-a', ['sh', '-c', 'kill -KILL $$'])).toMatchObject({ code: 137 })
})

test('words arrive as they are in a fenced command', async () => {
  const { live } = spark()
  await claimFence(live, 1, 'swap-a')
  const words = fc.array(fc.string({ unit: 'grapheme' }).filter((word) => !word.includes('\0')))
  await fc.assert(
    fc.asyncProperty(words, async (argv) => {
      const { stdout } = await fenced(live, 1, 'swap-a', ['printf', '%s\\0', '-', ...argv])
      expect(stdout.split('\0')).toEqual(['-', ...argv, ''])
    }),
    { numRuns: 25 },
  )
})

test('a late command of a superseded swap does nothing, and is told from a command that failed', async () => {
  const { live, home } = spark()
  await claimFence(live, 4, 'swap-old')
  await claimFence(live, 5, 'swap-new')
  const error = await refused(fenced(live, 4, 'swap-old', ['touch', join(home, 'done')]))
  expect(error).toBeInstanceOf(SupersededError)
  expect(error.reason.code).toBe('superseded')
  expect(existsSync(join(home, 'done'))).toBe(false)
})

test('a claim waits for the older command that is in the midst, and for none of its own', async () => {
  const { live, home } = spark()
  await claimFence(live, 1, 'swap-old')
  const older = fenced(live, 1, 'swap-old', ['sh', '-c', 'touch "$1/began"; sleep 0.5; touch "$1/ended"', 'x', home])
  while (!existsSync(join(home, 'began'))) await Bun.sleep(5)
  expect((await fenced(live, 1, 'swap-old', ['echo', 'beside'])).stdout).toBe('beside\n')
  expect(existsSync(join(home, 'ended'))).toBe(false)
  await claimFence(live, 2, 'swap-new')
  expect(existsSync(join(home, 'ended'))).toBe(true)
  expect((await older).code).toBe(0)
})

test('a claim that an older command keeps waiting names it, and leaves its fence', async () => {
  const { live, home } = spark()
  await claimFence(live, 1, 'swap-old')
  const older = fenced(live, 1, 'swap-old', [
    'sh',
    '-c',
    'touch "$1/began"; while [ ! -e "$1/go" ]; do sleep 0.05; done',
    'x',
    home,
  ])
  while (!existsSync(join(home, 'began'))) await Bun.sleep(5)
  const error = await refused(claimFence(live, 2, 'swap-new', { waitS: 0 }))
  expect(error.reason).toMatchObject({
    code: 'fence_busy',
    message: 'spark-1: a command of swap-old is still running there',
  })
  expect(await fenceOn(live)).toBe(1)
  writeFileSync(join(home, 'go'), '')
  await older
})

test('a command that outlasts its limit is ended with all that it began, whoever still listens', async () => {
  const { live, home } = spark()
  await claimFence(live, 1, 'swap-old')
  const command = ['sh', '-c', 'sleep 60 & echo $! >"$1/pid"; wait', 'x', home]
  expect(await fenced(live, 1, 'swap-old', command, { timeoutMs: 500 })).toMatchObject({ code: 143 })
  const pid = readFileSync(join(home, 'pid'), 'utf8').trim()
  // Where nobody reaps it, what has ended keeps its number, but no words.
  expect(existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toBeFalsy()
  await claimFence(live, 2, 'swap-new', { waitS: 0 })
})

test('what a command leaves running does not hold the fence', async () => {
  const { live, home } = spark()
  await claimFence(live, 1, 'swap-old')
  const left = ['sh', '-c', 'sleep 60 >/dev/null 2>&1 </dev/null & echo $! >"$1/pid"', 'x', home]
  await fenced(live, 1, 'swap-old', left)
  await claimFence(live, 2, 'swap-new', { waitS: 0 })
  process.kill(Number(readFileSync(join(home, 'pid'), 'utf8')))
})

test('a fence that was put back or removed lets nothing run', async () => {
  const { live, file } = spark()
  await claimFence(live, 7, 'swap-a')
  writeFileSync(file, '3 swap-earlier\n')
  expect((await refused(fenced(live, 7, 'swap-a', ['true']))).reason.code).toBe('fence_lost')
  rmSync(file)
  expect((await refused(fenced(live, 7, 'swap-a', ['true']))).reason.code).toBe('fence_lost')
})

test('a power cut between the writing of a fence and its rename leaves the old one', async () => {
  const { live, file } = spark()
  await claimFence(live, 7, 'swap-a')
  writeFileSync(`${file}.new`, '8 sw')
  expect(await fenceOn(live)).toBe(7)
  await claimFence(live, 8, 'swap-b')
  expect(readFileSync(file, 'utf8')).toBe('8 swap-b\n')
})

test('a fence that holds no number is an error with its file, never a 0', async () => {
  const { live, file } = spark()
  await claimFence(live, 7, 'swap-a')
  writeFileSync(file, '')
  const acts = [() => fenceOn(live), () => claimFence(live, 9, 'swap-b'), () => fenced(live, 7, 'swap-a', ['true'])]
  for (const act of acts) {
    expect((await refused(act())).reason).toEqual({
      code: 'fence_failed',
      message: `spark-1: ${file} holds no fence`,
      remedy: 'where nobody else swaps there remove that file, then swap again',
    })
  }
})

test('a home without room for a fence is an error with its words', async () => {
  const { live, home } = spark()
  writeFileSync(join(home, '.spark-control'), '')
  const { reason } = await refused(claimFence(live, 1, 'swap-a'))
  expect(reason).toMatchObject({ code: 'fence_failed', remedy: 'check disk and rights of its home' })
  expect(reason.message).toContain('spark-1: its fence cannot be kept: ')
})
