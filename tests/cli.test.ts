import { afterAll, afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { processesOf } from '../demo/machine/processes'
import { until } from './cluster'
import { type Program, program } from './program'
import { serverSent } from './server-sent'

const ready = /^ready (http:\/\/127\.0\.0\.1:\d+)$/
const recipes = join(import.meta.dir, '../recipes')
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'spark-cli-')))
const started = new Set<Program>()

setDefaultTimeout(60_000)
afterEach(async () => {
  for (const each of started) each.kill('SIGKILL')
  await Promise.all([...started].map(({ exited }) => exited))
  started.clear()
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const good = `hosts:
  spark-1: { address: 192.0.2.11, user: spark, launcher: ~/spark-vllm-docker }
services:
  llm: { kind: vllm, host: spark-1 }
`

test.each([
  [[]],
  [['no-such-command']],
  [['demo', '--no-such-option']],
  [['serve', 'word']],
  [['demo', '--port', 'x']],
])('main.ts %p prints how it is used and exits with 2', async (words) => {
  const { exited, stdout, stderr } = start(words)
  expect(await exited).toBe(2)
  expect(stderr()).toContain('usage:')
  expect(stdout()).toBe('')
})

test('main.ts help prints every command and exits with 0', async () => {
  const { exited, stdout, stderr } = start(['help'])
  expect(await exited).toBe(0)
  for (const command of ['serve', 'demo', 'check', 'doctor', 'discover']) expect(stdout() + stderr()).toContain(command)
})

test('check passes a good config and a good recipe', async () => {
  const folder = configFolder('good', good)
  for (const file of [join(folder, 'spark.config.yaml'), join(folder, 'recipes/llama-3.1-8b-fp8.yaml')]) {
    const { exited, stdout } = start(['check', file])
    expect([await exited, stdout()]).toEqual([0, expect.stringContaining(': ok (')])
  }
})

test('check names file, line, column, path, problem and remedy of every mistake', async () => {
  const wrong = good.replace('192.0.2.11', 'spark-1.local').replace('user: spark', 'usr: spark')
  const file = join(configFolder('wrong', `${wrong}  chat: { kind: vlm, host: spark-9 }\n`), 'spark.config.yaml')
  const { exited, stdout } = start(['check', file])
  expect(await exited).toBe(1)
  const lines = stdout().trim().split('\n')
  for (const line of lines) expect(line).toMatch(/^\S+\.yaml:\d+:\d+: \S+: [^;]+; .+[^.]$/)
  const expected = [/:2:\d+: hosts\.spark-1.*\.local/, /:2:\d+: hosts\.spark-1.*usr/, /:5:\d+: services\.chat.*vlm/]
  for (const pattern of expected) expect(lines.filter((line) => pattern.test(line)).length).toBeGreaterThan(0)
})

test('check --json says the same to a program', async () => {
  const right = start(['check', join(configFolder('right', good), 'spark.config.yaml'), '--json'])
  expect(await right.exited).toBe(0)
  expect(JSON.parse(right.stdout()).ok).toBe(true)
  const file = join(configFolder('json', good.replace('kind: vllm', 'kind: vlm')), 'spark.config.yaml')
  const wrong = start(['check', file, '--json'])
  expect(await wrong.exited).toBe(1)
  const { ok, findings } = JSON.parse(wrong.stdout())
  expect(ok).toBe(false)
  expect(findings[0]).toMatchObject({ file, line: 4, severity: 'error', path: expect.stringContaining('services.llm') })
})

test('check of a file that is not there exits with 1 and says so', async () => {
  const { exited, stdout } = start(['check', join(scratch, 'nowhere.yaml')])
  expect(await exited).toBe(1)
  expect(stdout()).toContain('nowhere.yaml')
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  'demo says ready alone on a line, and after %s ends within 5 s with a stream open, leaving nothing behind',
  async (signal) => {
    const temporary = join(scratch, signal)
    mkdirSync(temporary)
    const demo = start(['demo', '--port', '0', '--speed', '40'], { TMPDIR: temporary })
    const url = await demo.line(ready)
    const events = serverSent(await fetch(`${url}/api/events`))
    expect((await events.next()).value?.data).toContain('spark-1')
    const cluster = clusterIn(temporary)
    expect(processesOf({ cluster }).length).toBeGreaterThan(2)
    const asked = performance.now()
    demo.kill(signal)
    expect(await demo.exited).toBe(0)
    expect(performance.now() - asked).toBeLessThan(5000)
    for await (const _ of events);
    expect(processesOf({ cluster })).toEqual([])
    expect(readdirSync(temporary).filter((name) => name.startsWith('spark-'))).toEqual([])
  },
)

test('demo that is killed leaves nothing behind either', async () => {
  const temporary = join(scratch, 'killed')
  mkdirSync(temporary)
  const demo = start(['demo', '--port', '0', '--speed', '40'], { TMPDIR: temporary })
  await demo.line(ready)
  const cluster = clusterIn(temporary)
  demo.kill('SIGKILL')
  await demo.exited
  await until('its processes to end', () => (processesOf({ cluster }).length === 0 ? true : null))
  await until('its folder to go', () => (existsSync(cluster) ? null : true))
})

test('demo --cluster-only prints one path, which serve --config takes, is killed, and takes again', async () => {
  const sparks = start(['demo', '--cluster-only', '--speed', '40'])
  const config = await sparks.line(/^(\S+)$/)
  expect(isAbsolute(config)).toBe(true)
  expect(readdirSync(join(dirname(config), 'recipes')).toSorted()).toEqual(readdirSync(recipes).toSorted())
  const data = join(scratch, 'cluster-only')
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const serve = start(['serve', '--config', config, '--data', data, '--port', '0'])
    const url = await serve.line(ready)
    await until('the model to be seen', async () => {
      const { hosts, model } = await (await fetch(`${url}/api/cluster`)).json()
      return hosts.every(({ state }: { state: string }) => state === 'up') && model?.recipe ? true : null
    })
    serve.kill(signal)
    await serve.exited
  }
  expect(sparks.stdout()).toBe(`${config}\n`)
  sparks.kill()
  expect(await sparks.exited).toBe(0)
})

test('serve with placeholders left in its config shows the first-run page with what to put in', async () => {
  const text = good.replace('192.0.2.11', '<spark-1-ip>').replace('user: spark', 'user: <spark-user>')
  const { url } = await serving('placeholder', text)
  expect((await fetch(`${url}/health`)).status).toBe(200)
  const page = await (await fetch(`${url}/`)).text()
  expect(page).toContain('spark.config.yaml:2:')
  expect(page).toContain('hosts.spark-1.address')
  expect(page).toContain('hosts.spark-1.user')
  expect(page).not.toContain('<spark-1-ip>')
})

test('serve with broken YAML starts and shows where it is broken', async () => {
  const { url } = await serving('broken', `${good}  bad: [1, 2\n   : {`)
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'ok' })
  expect(await (await fetch(`${url}/`)).text()).toMatch(/spark\.config\.yaml:\d+:\d+: /)
  expect(await (await fetch(`${url}/api/cluster`)).json()).toMatchObject({ hosts: [], services: [], model: null })
})

test('serve without a config starts and says so', async () => {
  const serve = start(['serve', '--config', join(scratch, 'none.yaml'), '--data', join(scratch, 'none'), '--port', '0'])
  const page = await (await fetch(await serve.line(ready))).text()
  expect(page).toContain('none.yaml')
})

test('serve takes its options from the environment too', async () => {
  const folder = configFolder('environment', good)
  const serve = start(['serve'], {
    SPARK_CONTROL_CONFIG: join(folder, 'spark.config.yaml'),
    SPARK_CONTROL_DATA: join(folder, 'data'),
    SPARK_CONTROL_PORT: '0',
  })
  const { hosts } = await (await fetch(`${await serve.line(ready)}/api/cluster`)).json()
  expect(hosts.map(({ id }: { id: string }) => id)).toEqual(['spark-1'])
  expect(existsSync(join(folder, 'data'))).toBe(true)
})

function start(words: string[], env: Record<string, string> = {}): Program {
  const running = program(words, { env, cwd: scratch })
  started.add(running)
  return running
}

async function serving(name: string, text: string): Promise<{ url: string }> {
  const folder = configFolder(name, text)
  const words = ['--config', join(folder, 'spark.config.yaml'), '--data', join(folder, 'data'), '--port', '0']
  return { url: await start(['serve', ...words]).line(ready) }
}

function configFolder(name: string, text: string): string {
  const folder = join(scratch, name)
  mkdirSync(folder, { recursive: true })
  cpSync(recipes, join(folder, 'recipes'), { recursive: true })
  writeFileSync(join(folder, 'spark.config.yaml'), text)
  return folder
}

function clusterIn(temporary: string): string {
  const [name = ''] = readdirSync(temporary).filter((each) => each.startsWith('spark-demo-'))
  return join(temporary, name)
}
