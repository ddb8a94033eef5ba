import { afterEach, beforeEach, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LiveHost } from '../../cluster/hosts'
import { clearDetached, type DetachedState, endDetached, endOthers, readDetached, startDetached } from './detached'
import { detachedScripts } from './detached-scripts'
import { localHost } from './local-host.sample'

let home: string
let live: LiveHost
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'spark-detached-'))
  live = localHost(home)
})
afterEach(async () => {
  await endDetached(live, 'model-1')
  rmSync(home, { recursive: true, force: true })
})

const name = 'model-1.1.download'
const folder = (of = name) => join(home, '.spark-control/transfers', of)
const start = (script: string, of = name, subject = 'org/model') =>
  startDetached(live, { name: of, subject, argv: ['sh', '-c', script], token: null })

async function until(is: (state: DetachedState) => boolean, of = name): Promise<DetachedState> {
  for (;;) {
    const state = await readDetached(live, of, 0)
    if (state && is(state)) return state
    await Bun.sleep(20)
  }
}

test('detached work says that it runs, what it printed and how it ended', async () => {
  await start('echo begun; until [ -e "$HOME/go" ]; do sleep 0.05; done; exit 3')
  expect((await until(({ life, text }) => life === 'alive' && text !== '')).text).toBe('begun\n')
  writeFileSync(join(home, 'go'), '')
  expect((await until(({ exit }) => exit !== null)).exit).toBe(3)
})

test('work whose end can not be written for want of room keeps trying, and is alive until then', async () => {
  // A folder in its place stands for a disk without room.
  await start(`until [ -d '${folder()}/rc.tmp' ]; do sleep 0.05; done; exit 7`)
  mkdirSync(join(folder(), 'rc.tmp'))
  await until(() => !existsSync(join(folder(), 'ballast')))
  expect(await readDetached(live, name, 0)).toMatchObject({ life: 'alive', exit: null })
  rmdirSync(join(folder(), 'rc.tmp'))
  expect((await until(({ exit }) => exit !== null)).exit).toBe(7)
})

test('work that is cancelled before it began never begins', async () => {
  mkdirSync(folder(), { recursive: true })
  writeFileSync(join(folder(), 'pid.new'), '-       \n')
  await endDetached(live, 'model-1')
  const late = () =>
    live.run(['sh', '-c', detachedScripts.work, 'spark-control-job', folder(), 'touch', join(home, 'ran')])
  await late()
  await clearDetached(live, 'model-1')
  await late()
  expect([existsSync(join(home, 'ran')), readdirSync(join(home, '.spark-control/transfers'))]).toEqual([false, []])
})

test('a new job ends what an earlier one left at work on the same model, and nothing else', async () => {
  await start('sleep 60', 'model-2.1.download')
  await start('sleep 60', 'model-3.1.download', 'org/other')
  await start('sleep 60')
  for (const each of ['model-2.1.download', 'model-3.1.download', name])
    await until(({ life }) => life === 'alive', each)
  expect(await endOthers(live, 'model-1', 'org/model')).toEqual(['model-2.1.download'])
  expect(existsSync(folder('model-2.1.download'))).toBe(false)
  for (const each of ['model-3.1.download', name])
    expect(await readDetached(live, each, 0)).toMatchObject({ life: 'alive' })
  await endDetached(live, 'model-3')
})
