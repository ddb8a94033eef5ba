import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LiveHost } from '../cluster/hosts'
import { sampleHost } from '../config/declared.sample'
import { readLaunch, startLaunch } from './job-directory'

const home = mkdtempSync(join(tmpdir(), 'spark-jobs-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const live: Pick<LiveHost, 'host' | 'run'> = {
  host: sampleHost('spark-1'),
  async run(argv, { input } = {}) {
    const stdin = Buffer.from(input ?? '')
    const child = Bun.spawn([...argv], { env: { PATH: '/usr/bin:/bin', HOME: home }, stdio: [stdin, 'pipe', 'pipe'] })
    const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
    return { code: await child.exited, signal: null, stdout, stdoutBytes: Buffer.byteLength(stdout), stderr }
  },
}
const spark = live as LiveHost
const work = { directory: null, homes: 0, log: [], logFirst: false, verdict: [] }

async function ended(job: string) {
  for (;;) {
    const state = await readLaunch(spark, job, 0)
    if (state?.exit != null || state?.lost) return state
    await Bun.sleep(50)
  }
}

test('an engine that is looked for by its words is not found in what watches it', async () => {
  const words = `an engine that ended at once ${process.pid}`
  await startLaunch(spark, 'watched', { ...work, start: ['true', words], alive: ['pgrep', '-f', words] })
  expect(await ended('watched')).toMatchObject({ exit: 70, lost: false })
}, 20_000)

test('a launch whose words did not come whole is not begun', async () => {
  const cut: LiveHost = { ...spark, run: (argv, options) => spark.run(argv, { ...options, input: "set -- '' 1 0" }) }
  await expect(startLaunch(cut, 'cut', { ...work, start: ['true'], alive: ['true'] })).rejects.toThrow('job directory')
  expect(await readLaunch(spark, 'cut', 0)).toBeNull()
})

test('a start that was broken off before anything ran is made anew, one that runs is attached to', async () => {
  mkdirSync(join(home, '.spark-control/jobs/broken'), { recursive: true })
  await startLaunch(spark, 'broken', { ...work, start: ['echo', 'begun'], alive: ['false'] })
  await startLaunch(spark, 'broken', { ...work, start: ['echo', 'twice'], alive: ['false'] })
  expect((await ended('broken'))?.text).toBe('begun\n')
}, 20_000)

test('words arrive as they are, whatever they hold', async () => {
  const words = ["it's", '', ' two  words\n#whole', '$(id)', '~/x', '\\n']
  await startLaunch(spark, 'words', { ...work, start: ['printf', '<%s>', ...words], alive: ['false'] })
  expect((await ended('words'))?.text).toBe(words.map((word) => `<${word}>`).join(''))
}, 20_000)
