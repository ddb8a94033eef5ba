import { afterAll, expect, test } from 'bun:test'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LaunchWork } from '../../launchers/launcher'
import { claimFence } from './fence'
import {
  type Claim,
  endLaunches,
  finishLaunch,
  killLaunch,
  launchThere,
  readLaunch,
  startLaunch,
} from './job-directory'
import { localHost } from './local-host.sample'
import { type StepContext, SupersededError, type SwapHost } from './step'
import { stepContext } from './step-context.sample'

const home = mkdtempSync(join(tmpdir(), 'spark-jobs-'))
afterAll(async () => {
  await endLaunches(spark, await swap('last'))
  rmSync(home, { recursive: true, force: true })
})

const spark = localHost(home)
const waits = stepContext({ job: 'reader' })
let number = 0
const directory = (launch: string) => join(home, '.spark-control/jobs', launch)
const work: LaunchWork = {
  directory: null,
  start: ['true'],
  homes: 0,
  log: [],
  logFirst: false,
  alive: ['true'],
  verdict: [],
}

/** A swap whose fence stands on the host. */
async function swap(job: string): Promise<StepContext> {
  await claimFence(spark, ++number, job)
  return stepContext({ job, fence: number, hosts: new Map([[spark.host.id, spark]]) })
}

async function launched(job: string, part: Partial<LaunchWork>): Promise<StepContext> {
  const context = await swap(job)
  await startLaunch(spark, job, { ...work, ...part }, context)
  return context
}

async function ended(launch: string) {
  for (;;) {
    const state = await readLaunch(spark, launch, 0, waits)
    if (state && (state.exit !== null || state.wrapper === 'gone' || state.wrapper === 'restarted')) return state
    await Bun.sleep(50)
  }
}

async function until(holds: () => boolean) {
  while (!holds()) await Bun.sleep(20)
}

/** Is there such a process, that does more than wait to be reaped? */
function runs(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''
}

const wrapperOf = (launch: string) => Number(readFileSync(join(directory(launch), 'pid'), 'utf8').split(' ')[0])
const numberIn = (path: string) => Number(readFileSync(path, 'utf8'))
const written = (path: string) => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n')

test('an engine that is looked for by its words is not found in what watches it', async () => {
  const words = `an engine that ended at once ${process.pid}`
  await launched('watched', { start: ['true', words], alive: ['pgrep', '-f', words] })
  expect(await ended('watched')).toMatchObject({ exit: 70 })
}, 20_000)

test('a launch whose words did not come whole is not begun', async () => {
  const context = await swap('cut')
  const cut: SwapHost = { ...spark, run: (argv, options) => spark.run(argv, { ...options, input: "set -- '' 1 0" }) }
  await expect(startLaunch(cut, 'cut', work, context)).rejects.toThrow('job directory')
  expect(await readLaunch(spark, 'cut', 0, waits)).toBeNull()
  expect(await launchThere(spark, 'cut', context)).toBe(false)
})

test('a start that was broken off before anything ran is made anew, one that runs is attached to', async () => {
  mkdirSync(directory('broken'), { recursive: true })
  const context = await swap('broken')
  expect(await launchThere(spark, 'broken', context)).toBe(false)
  await startLaunch(spark, 'broken', { ...work, start: ['echo', 'begun'], alive: ['false'] }, context)
  await startLaunch(spark, 'broken', { ...work, start: ['echo', 'twice'], alive: ['false'] }, context)
  expect(await launchThere(spark, 'broken', context)).toBe(true)
  expect((await ended('broken')).text).toBe('begun\n')
}, 20_000)

// In the start itself, before there is a wrapper, and when that has its pid but no name yet.
test.each(['cat', 'setsid', 'perl'])(
  'of two starts at once one runs, though the other stalls at its %s and goes on later',
  async (program) => {
    const launch = `stalls-${program}`
    const stalled = join(home, launch)
    const begun = join(home, `${launch}-begun`)
    const fake = join(home, 'bin', program)
    mkdirSync(join(home, 'bin'), { recursive: true })
    const stall = `case $* in '' | *spark-control-fence*) ;; *) if mkdir '${stalled}' 2>/dev/null; then trap '' HUP; echo $$ >'${stalled}/pid'; kill -STOP $$; fi ;; esac`
    // The kernel hangs up on a stopped process whose starter has ended.
    writeFileSync(fake, `#!/bin/sh\n${stall}\nexec ${Bun.which(program)} "$@"\n`, { mode: 0o755 })
    const context = await swap(launch)
    const part = { ...work, start: ['sh', '-c', 'echo begun >>"$1"', 'x', begun] }
    const first = startLaunch(spark, launch, part, context)
    await until(() => written(join(stalled, 'pid')))
    await startLaunch(spark, launch, part, context)
    await until(() => existsSync(begun))
    const pid = numberIn(join(stalled, 'pid'))
    await spark.run(['kill', '-CONT', String(pid)])
    await first
    await until(() => !runs(pid) || readFileSync(begun, 'utf8') !== 'begun\n')
    await until(() => !readdirSync(join(home, '.spark-control/jobs')).some((name) => name.endsWith('.new')))
    rmSync(fake)
    expect(await readLaunch(spark, launch, 0, waits)).toMatchObject({ exit: null, wrapper: 'alive' })
    expect(readFileSync(begun, 'utf8')).toBe('begun\n')
  },
  20_000,
)

test('a launch ends by itself when its directory is gone', async () => {
  await launched('removed', {})
  const pid = wrapperOf('removed')
  renameSync(directory('removed'), join(home, 'removed'))
  await until(() => !runs(pid))
}, 20_000)

test('words arrive as they are, whatever they hold', async () => {
  const words = ["it's", '', ' two  words\n#whole', '$(id)', '~/x', '\\n']
  await launched('words', { start: ['printf', '<%s>', ...words], alive: ['false'] })
  expect((await ended('words')).text).toBe(words.map((word) => `<${word}>`).join(''))
}, 20_000)

test('a launch that failed leaves the code of its launcher', async () => {
  await launched('fails', { start: ['sh', '-c', 'exit 3'] })
  expect(await ended('fails')).toMatchObject({ exit: 3 })
})

test('a wrapper that is ended from outside leaves an exit code on a signal, and without one is known to be gone', async () => {
  await launched('termed', {})
  await until(() => existsSync(join(directory('termed'), 'pid')))
  process.kill(wrapperOf('termed'), 'SIGTERM')
  expect(await ended('termed')).toMatchObject({ exit: 143 })
  await launched('killed', {})
  await until(() => existsSync(join(directory('killed'), 'pid')))
  process.kill(wrapperOf('killed'), 'SIGKILL')
  expect(await ended('killed')).toMatchObject({ exit: null, wrapper: 'gone' })
}, 20_000)

test('a pid that another process has by now is not alive, and that process is left alone', async () => {
  const context = await swap('reused')
  const other = Bun.spawn(['sleep', '60'])
  mkdirSync(directory('reused'), { recursive: true })
  writeFileSync(join(directory('reused'), 'pid'), `${other.pid} 1\n`)
  expect(await readLaunch(spark, 'reused', 0, waits)).toMatchObject({ exit: null, wrapper: 'gone' })
  await killLaunch(spark, 'reused', context)
  expect(await endLaunches(spark, await swap('next'))).toEqual([])
  expect(runs(other.pid)).toBe(true)
  other.kill()
})

test('a launch of before a restart of its Spark is told as such, though its pid lives', async () => {
  const context = await launched('rebooted', {})
  await until(() => existsSync(join(directory('rebooted'), 'pid')))
  expect(await readLaunch(spark, 'rebooted', 0, waits)).toMatchObject({ wrapper: 'alive' })
  const boot = readFileSync(join(directory('rebooted'), 'boot_id'), 'utf8')
  writeFileSync(join(directory('rebooted'), 'boot_id'), 'another\n')
  expect(await readLaunch(spark, 'rebooted', 0, waits)).toMatchObject({ exit: null, wrapper: 'restarted' })
  writeFileSync(join(directory('rebooted'), 'boot_id'), boot)
  await killLaunch(spark, 'rebooted', context)
})

test('the end of a launch takes its launcher and all that it began', async () => {
  const child = join(home, 'child')
  const stubborn = 'trap "" TERM; sleep 60 & echo $! >"$1"; wait'
  const context = await launched('stubborn', { start: ['sh', '-c', stubborn, 'x', child] })
  await until(() => written(child))
  await killLaunch(spark, 'stubborn', context)
  expect(runs(numberIn(child))).toBe(false)
  expect(await ended('stubborn')).toMatchObject({ exit: 137 })
}, 20_000)

test('a launch does not begin when a higher fence stands by then', async () => {
  const context = await swap('late')
  const behind: Claim = { ...context, fence: context.fence - 1 }
  await expect(startLaunch(spark, 'late', work, behind)).rejects.toBeInstanceOf(SupersededError)
  expect(existsSync(directory('late'))).toBe(false)
})

test('a launch in its start or in its load ends by itself when a higher fence appears', async () => {
  const child = join(home, 'starting')
  await launched('starting', { start: ['sh', '-c', 'echo $$ >"$1"; exec sleep 60', 'x', child] })
  await until(() => written(child))
  await launched('loading', {})
  expect(await ended('starting')).toMatchObject({ exit: 76 })
  expect(runs(numberIn(child))).toBe(false)
  await swap('third')
  expect(await ended('loading')).toMatchObject({ exit: 76 })
}, 20_000)

test('what other jobs left under way is ended and named, but neither one’s own nor what is loaded', async () => {
  const job = await launched('swap-a', {})
  await startLaunch(spark, 'swap-a-back-0', work, job)
  await startLaunch(spark, 'swap-b', work, job)
  await startLaunch(spark, 'swap-c', { ...work, alive: ['sleep', '2'] }, job)
  for (const launch of ['swap-a', 'swap-a-back-0', 'swap-b', 'swap-c'])
    await until(() => existsSync(join(directory(launch), 'pid')))
  await finishLaunch(spark, 'swap-c')
  const swept = await endLaunches(spark, job)
  // Those of other tests may be on their way to their end.
  expect(swept.filter((id) => id.startsWith('swap-'))).toEqual(['swap-b'])
  expect(await ended('swap-b')).toMatchObject({ exit: 143 })
  expect(await ended('swap-c')).toMatchObject({ exit: 0 })
  expect(await readLaunch(spark, 'swap-a', 0, waits)).toMatchObject({ wrapper: 'alive' })
  await endLaunches(spark, await swap('swap-d'))
  for (const launch of ['swap-a', 'swap-a-back-0']) expect(readdirSync(directory(launch))).toContain('rc')
}, 30_000)
