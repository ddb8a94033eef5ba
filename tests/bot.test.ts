import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestCluster, testCluster, until } from './cluster'
import { serviceHand } from './service-hand'

let spark: TestCluster
let hand: ReturnType<typeof serviceHand>

setDefaultTimeout(60_000)

beforeAll(async () => {
  spark = await testCluster()
  hand = serviceHand(spark)
  await spark.settled()
  await spark.service('bot', 'up')
})
afterAll(() => spark.stop())

const checkout = () => join(hand.folder, 'homes/bot/bot')
const greeting = () => readFileSync(join(checkout(), 'greeting.txt'), 'utf8').trim()
const git = (...words: string[]) =>
  Bun.spawnSync(['git', '-c', 'user.name=Bob', '-c', 'user.email=bob@example.com', ...words], { cwd: checkout() })
const back = () => git('reset', '--hard', '--quiet', 'HEAD~2')

test('local changes keep an update from happening, are named, and nothing is lost', async () => {
  writeFileSync(join(checkout(), 'greeting.txt'), 'mine\n')
  const ended = await hand.job(await hand.act('bot', 'update'))
  expect(ended).toMatchObject({ state: 'failed', error: { code: 'local_changes' } })
  expect(ended.error?.message).toContain('greeting.txt')
  expect(greeting()).toBe('mine')
  git('checkout', '--quiet', '--', '.')
})

test('an update that fails half-way is gone on with by the next', async () => {
  await spark.cluster.hosts[1]?.run('docker rm -f bot')
  const failed = await hand.job(await hand.act('bot', 'update'))
  expect([failed.state, failed.phases.find(({ state }) => state === 'failed')?.name]).toEqual(['failed', 'apply'])
  expect(greeting()).toBe('Good day, everybody')
  await spark.cluster.hosts[1]?.run(`docker run -d --name bot --network host -v ${checkout()}:/bot bot bot /bot`)
  const again = await hand.done(await hand.act('bot', 'update'))
  expect(again.phases.find(({ name }) => name === 'compare')?.detail).toContain('not brought to its end')
  back()
  git('update-ref', '-d', 'refs/spark-control/applied')
  await spark.cluster.hosts[1]?.run('docker restart bot')
})

test('an update brings the new commits into the checkout and the container, phase by phase, as its own user', async () => {
  const before = await hand.startedAt('bot')
  const ended = await hand.done(await hand.act('bot', 'update'))
  expect(ended.phases.map(({ name, state }) => [name, state])).toEqual(
    ['fetch', 'compare', 'merge', 'apply', 'check'].map((name) => [name, 'done']),
  )
  expect(ended.phases.find(({ name }) => name === 'compare')?.detail).toBe('2 new commits')
  expect(ended.log_tail.map((line) => line.replace(/^\w+ /, ''))).toEqual(['Greet more politely', 'Greet everybody'])
  expect(greeting()).toBe('Good day, everybody')
  expect(await hand.startedAt('bot')).not.toBe(before)
  expect(await (await spark.ask('GET', '/api/services/bot/logs?lines=1')).text()).toBe('bot: Good day, everybody\n')
  expect(spark.plane.runtime.logins.of(declared('bot')).host.user).toBe('bot')
})

test('with nothing new it ends at once and touches nothing', async () => {
  const before = await hand.startedAt('bot')
  const ended = await hand.done(await hand.act('bot', 'update'))
  expect(ended.phases.map(({ state, detail }) => [state, detail])[1]).toEqual(['done', 'already up to date'])
  expect(ended.phases.slice(2).map(({ state }) => state)).toEqual(['skipped', 'skipped', 'skipped'])
  expect(await hand.startedAt('bot')).toBe(before)
})

test('a key that the git host does not know is told with the way to a deploy key', async () => {
  const { address, sshPort } = spark.cluster.hosts[0] ?? { address: '', sshPort: 0 }
  const keys = join(hand.folder, 'homes/bot/.ssh')
  // The real ssh against a real SSH server that knows neither this user nor a key of it.
  const known = `-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=${join(keys, 'known_hosts')}`
  git('config', 'core.sshCommand', `${Bun.which('ssh')} ${known} -F none`)
  git('remote', 'set-url', 'origin', `ssh://git@${address}:${sshPort}/bot.git`)
  const without = await hand.job(await hand.act('bot', 'update'))
  expect(without).toMatchObject({ state: 'failed', phase: 'fetch', error: { code: 'deploy_key_refused' } })
  expect(without.error?.remedy).toContain('ssh-keygen -t ed25519')
  mkdirSync(keys, { recursive: true })
  writeFileSync(join(keys, 'id_ed25519.pub'), 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample bot@spark-2\n')
  const withKey = await hand.job(await hand.act('bot', 'update'))
  expect(withKey.error?.remedy).toContain('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample bot@spark-2')
  git('remote', 'set-url', 'origin', join(spark.cluster.directory, 'git/bot.git'))
  git('config', '--unset', 'core.sshCommand')
})

test('its own key line is told, and a login that is refused is 503 with the line to paste', async () => {
  const { user, line } = await (await spark.ask('GET', '/api/services/bot/ssh-key')).json()
  expect([user, line]).toEqual(['bot', expect.stringContaining('ssh-ed25519 ')])
  const key = join(spark.cluster.directory, 'id_ed25519.pub')
  const kept = readFileSync(key, 'utf8')
  rmSync(key)
  try {
    const other = { ...declared('bot'), id: 'other' }
    const live = spark.plane.runtime.logins.of(other)
    await until('the refusal', () => (live.link.state === 'refused' ? true : null))
    expect(live.link.cause).toContain('bot@')
  } finally {
    writeFileSync(key, kept)
  }
})

const declared = (id: string) => {
  const found = spark.plane.runtime.cluster.services.find((each) => each.id === id)
  if (!found) throw new Error(`${id}: is not declared`)
  return found
}
