import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { formatFinding } from '../core/config/findings'
import { loadConfig } from '../core/config/load'
import { loadRecipe } from '../core/models/recipe-file'
import { loadKinds } from '../handlers/kinds'
import { large, small, type TestCluster, testCluster, until } from './cluster'

const page = await Bun.file(join(import.meta.dir, '../docs/COORDINATION.md')).text()
const folder = mkdtempSync(join(tmpdir(), 'spark-docs-'))
const secret = `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`
const receiverPort = freePort()
let spark: TestCluster

setDefaultTimeout(90_000)
beforeAll(async () => {
  const target = `{ url: http://127.0.0.1:${receiverPort}/spark, secret: WEBHOOK_SECRET }`
  spark = await testCluster({
    async config(text, { configPath }) {
      const recipe = Bun.file(join(dirname(configPath), `recipes/${large}.yaml`))
      await Bun.write(recipe, (await recipe.text()).replace(/^spark_control:$/m, '$&\n  on_demand: true'))
      return `${text}\nwebhooks:\n  - ${target}\n`
    },
  })
  await spark.settled()
})
afterAll(async () => {
  await spark.stop()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  await spark.ask('DELETE', '/api/swap/lock?force=true')
  await spark.load(small)
})

test('docs/COORDINATION.md swaps and follows', async () => {
  const { code, said } = await shell('Swap and follow')
  expect(said).toMatch(/load \d+ %, \d+ s left\n/)
  expect(said).toContain('done: the model answers\n')
  expect(said).toMatch(/cancelled, loaded is: (previous|none)\n$/)
  expect(code).toBe(0)
  expect(await typescript('Swap and follow')).toMatchObject({ code: 0 })
  expect(spark.plane.runtime.view().model?.recipe).toBe(small)
})

test('docs/COORDINATION.md takes the lock, swaps with it and releases it', async () => {
  const { code, said } = await shell('The lock')
  expect(said).toMatch(/^\{"holder":"evaluation","reason":"nightly run","expires_at":"\S+"\}$/m)
  expect(said).toMatch(/^\{"code":"swap_locked","holder":"evaluation","retry_after_s":\d+\}$/m)
  expect(said).toMatch(/\{"holder":null,"reason":null,"expires_at":null\}\n$/)
  expect(code).toBe(0)
  expect(await typescript('The lock')).toMatchObject({
    code: 0,
    said: 'evaluation works with a token of 43 characters\n',
  })
  expect(spark.plane.runtime.lock.view().holder).toBeNull()
})

test('docs/COORDINATION.md plans a swap, and asks whether that time is taken', async () => {
  const { code, said } = await shell('Schedules')
  expect(said).toContain('evaluation: Nightly run, next 20')
  expect(said).toContain('{"at":"2099-01-31T21:00:00.000Z","next":["2099-01-31T21:00:00.000Z"]}')
  expect(code).toBe(0)
  const first = await typescript('Schedules')
  expect([first.code, first.said]).toEqual([0, expect.stringMatching(/^20\S+T01:00:00.000Z\n$/)])
  expect(await typescript('Schedules')).toMatchObject({ code: 0, said: 'that time is taken\n' })
})

test('docs/COORDINATION.md asks for a model that is loaded on demand, and is told of its load', async () => {
  await spark.load(null)
  const { code, said } = await shell('When the model is not there')
  expect(said).toContain(`${large}: loaded false, on demand true\n`)
  // A load that is over within two seconds is told of by one line alone.
  expect(said).toMatch(/Waiting for the model to be loaded|Loading .*: .*, \d+ %/)
  expect(said).not.toContain('undefined')
  expect(code).toBe(0)
  await spark.load(null)
  const asked = await typescript('When the model is not there')
  expect([asked.code, asked.said]).toEqual([0, expect.stringMatching(/it says: \S/)])
  expect(spark.plane.runtime.view().model?.recipe).toBe(large)
})

test('docs/COORDINATION.md verifies webhooks, in shell and in TypeScript', async () => {
  await using receiver = started('Webhooks')
  await receiver.said(/^listening$/m)
  const { code, said } = await shell('Webhooks')
  expect(said).toMatch(/^msg_\w+$/m)
  const [, vector = ''] = /which prints `(\S+)`/.exec(page) ?? []
  expect(vector).toHaveLength(44)
  expect(said).toEndWith(vector)
  expect(code).toBe(0)
  await receiver.said(/^test \S+Z \{\}$/m)
  await spark.load(null)
  await receiver.said(/^swap_started .*"recipe":null/m)
  await receiver.said(/^swap_complete .*"state":"done"/m)
  const forged = await fetch(`http://127.0.0.1:${receiverPort}/`, { method: 'POST', body: '{}' })
  expect(forged.status).toBe(401)
})

test('docs/COORDINATION.md has no example that is not run', async () => {
  const kinds = [...page.matchAll(/^```(.+)$/gm)].map(([, kind]) => kind)
  expect(new Set(kinds)).toEqual(new Set(['sh', 'ts', 'yaml config', 'yaml recipe']))
  for (const [, text = ''] of page.matchAll(/^```yaml config\n([\s\S]*?)^```/gm)) {
    const { findings } = loadConfig({ text, file: 'spark.config.yaml', kinds: await loadKinds(), recipes: [] })
    expect(findings.map(formatFinding)).toEqual([])
  }
  for (const [, text = ''] of page.matchAll(/^```yaml recipe\n([\s\S]*?)^```/gm)) {
    const { recipe, findings } = loadRecipe({ text, file: 'recipes/example.yaml' })
    expect([findings.map(formatFinding), recipe?.unrunnable]).toEqual([[], null])
  }
})

interface Ran {
  code: number
  said: string
}

/** The examples of one chapter in this language, as one text that means the running control plane. */
function example(chapter: string, kind: string): string {
  const text = page.split(/^## /m).find((each) => each.startsWith(`${chapter}\n`)) ?? ''
  const blocks = [...text.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, block = '']) => block,
  )
  if (blocks.length === 0) throw new Error(`${chapter}: has no example in ${kind}; write one, or correct its name here`)
  const code = blocks.join('\n').replaceAll('http://127.0.0.1:9999', spark.url)
  return code.replaceAll('listen(9000', `listen(${receiverPort}`)
}

function shell(chapter: string): Promise<Ran> {
  return ran(['sh', '-eu', '-c', example(chapter, 'sh')])
}

function typescript(chapter: string): Promise<Ran> {
  return ran(inTypescript(chapter))
}

function inTypescript(chapter: string): string[] {
  const file = join(folder, `${crypto.randomUUID()}.ts`)
  writeFileSync(file, example(chapter, 'ts'))
  return [process.execPath, file]
}

/** An example that runs until it is ended. */
function started(chapter: string) {
  const child = running(inTypescript(chapter))
  let text = ''
  const read = (async () => {
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) text += piece
  })()
  return {
    said: (pattern: RegExp) => until(`${pattern}`, () => (pattern.test(text) ? true : null)),
    async [Symbol.asyncDispose]() {
      child.kill()
      await Promise.all([child.exited, read])
    },
  }
}

async function ran(words: string[]): Promise<Ran> {
  const child = running(words)
  const said = await new Response(child.stdout).text()
  return { code: await child.exited, said }
}

function running(words: string[]) {
  const env = { ...process.env, WEBHOOK_SECRET: secret }
  return Bun.spawn(words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
}

function freePort(): number {
  using server = Bun.serve({ port: 0, fetch: () => new Response() })
  return server.port ?? 0
}
