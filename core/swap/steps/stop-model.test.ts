import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunOptions } from '../../cluster/remote-commands'
import { NotConnectedError } from '../../cluster/remote-commands'
import type { Service } from '../../config/cluster'
import { sampleHost, sampleService } from '../../config/declared.sample'
import type { Recipe } from '../../models/recipe'
import { sampleRecipe } from '../../models/recipe.sample'
import { claimFence } from './fence'
import { startLaunch } from './job-directory'
import { localHost } from './local-host.sample'
import { StepError, SupersededError, type SwapHost } from './step'
import { stepContext } from './step-context.sample'
import { stopModel } from './stop-model'

const scratch = mkdtempSync(join(tmpdir(), 'spark-stop-'))
const listening = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('no', { status: 404 }) })
const free = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
const closed = free.port ?? 0
await free.stop(true)
afterAll(async () => {
  await listening.stop(true)
  rmSync(scratch, { recursive: true, force: true })
})

// Containers are files here; one that has `stubborn` in it does not end.
const docker = `#!/bin/sh
box="$HOME/containers"
for name do :; done
case $1 in
  ps) name=$(printf '%s' "$*" | sed 's/.*name=^\\([^$]*\\)\\$.*/\\1/'); [ ! -e "$box/$name" ] || echo "$name" ;;
  rm) echo "rm $name" >>"$HOME/asked"; grep -qs stubborn "$box/$name" || rm -f "$box/$name" ;;
  *) echo "$1 $name" >>"$HOME/asked" ;;
esac
`

let count = 0
/** A Spark in which those containers run. */
function spark(id: string, containers: Record<string, string> = { vllm_node: '' }) {
  const home = join(scratch, `${++count}-${id}`)
  mkdirSync(join(home, 'bin'), { recursive: true })
  mkdirSync(join(home, 'containers'))
  writeFileSync(join(home, 'bin/docker'), docker, { mode: 0o755 })
  for (const [name, text] of Object.entries(containers)) writeFileSync(join(home, 'containers', name), text)
  const live = localHost(home, id)
  const runs = (name = 'vllm_node') => existsSync(join(home, 'containers', name))
  const asked = () => (existsSync(join(home, 'asked')) ? readFileSync(join(home, 'asked'), 'utf8').split('\n') : [])
  return { live, home, runs, asked }
}

interface Stop {
  service?: Partial<Service>
  recipe?: Recipe
  needed?: string[]
}

/** Stops what runs on those hosts; what was reported and logged. */
async function stop(lives: SwapHost[], { service, recipe, needed = lives.map(({ host }) => host.id) }: Stop = {}) {
  const reports: (string | undefined)[] = []
  const logged: string[] = []
  const slot = {
    service: sampleService('llm', { hosts: lives.map(({ host }) => sampleHost(host.id)), port: closed, ...service }),
    recipe: recipe ?? null,
  }
  const context = stepContext({
    job: 'swap-1',
    fence: 1,
    hosts: new Map(lives.map((live) => [live.host.id, live])),
    report: (_, detail) => reports.push(detail),
    log: (lines) => logged.push(...lines),
  })
  await stopModel({ slots: [slot], needed }, context)
  return { reports, logged }
}

async function failure(act: Promise<unknown>): Promise<StepError> {
  const error = await act.catch((each) => each)
  if (!(error instanceof StepError)) throw new Error(`it should have failed, but: ${error}`)
  return error
}

test('what runs in a slot is gone from all its hosts, and doing it twice is no harm', async () => {
  const [one, two] = [spark('spark-1'), spark('spark-2')]
  const { reports } = await stop([one.live, two.live])
  expect([one.runs(), two.runs()]).toEqual([false, false])
  expect(reports.at(-1)).toBe('stopped on 2 of 2')
  await stop([one.live, two.live])
})

test('a container that ignores its stop and its end fails the step', async () => {
  const { live } = spark('spark-1', { vllm_node: 'stubborn' })
  const { reason } = await failure(stop([live]))
  expect(reason).toEqual({
    code: 'not_stopped',
    message: 'container vllm_node on spark-1 does not end',
    remedy: 'end it there by hand: docker rm -f vllm_node',
  })
}, 20_000)

test('a host that nothing is launched on is left where it is out of reach, and that is logged', async () => {
  const [one, two] = [spark('spark-1'), spark('spark-2')]
  const away: SwapHost = {
    ...two.live,
    link: { state: 'unreachable', code: 'link_lost', since: 0, cause: 'it was lost', remedy: 'look at its cable' },
    run: () => Promise.reject(new NotConnectedError('it was lost')),
  }
  const { logged } = await stop([one.live, away], { needed: ['spark-1'] })
  expect(logged).toEqual([
    'spark-2 is out of reach: nothing is launched there; what runs there is looked at when it is back',
  ])
  expect(one.runs()).toBe(false)
  const { reason } = await failure(stop([one.live, away]))
  expect(reason).toEqual({
    code: 'host_unreachable',
    message: 'spark-2 stays out of reach: it was lost',
    remedy: 'look at its cable',
  })
}, 20_000)

test('a host that refuses is not waited for', async () => {
  const { live } = spark('spark-1')
  let tries = 0
  const refusing: SwapHost = {
    ...live,
    link: { state: 'refused', code: 'host_key_changed', since: 0, cause: 'the host key changed', remedy: 'accept it' },
    run() {
      tries++
      return Promise.reject(new NotConnectedError('the host key changed'))
    },
  }
  const { reason } = await failure(stop([refusing]))
  expect(reason).toEqual({ code: 'host_refused', message: 'spark-1: the host key changed', remedy: 'accept it' })
  expect(tries).toBe(1)
})

test('a superseded swap stops nothing', async () => {
  const { live, runs, asked } = spark('spark-1')
  await claimFence(live, 2, 'swap-2')
  expect(await failure(stop([live]))).toBeInstanceOf(SupersededError)
  expect([runs(), asked()]).toEqual([true, []])
})

test('a launch that a killed controller left under way is ended first, and named', async () => {
  const { live, home } = spark('spark-1')
  const context = stepContext({ fence: 1, job: 'swap-1' })
  await claimFence(live, 1, 'swap-1')
  const work = { directory: null, homes: 0, log: [], logFirst: false, alive: ['true'], verdict: [] }
  await startLaunch(live, 'swap-0', { ...work, start: ['sleep', '60'] }, context)
  while (!existsSync(join(home, '.spark-control/jobs/swap-0/pid'))) await Bun.sleep(10)
  const { logged } = await stop([live])
  expect(logged).toEqual(['ended on spark-1, left there under way: swap-0'])
  expect(existsSync(join(home, '.spark-control/jobs/swap-0/rc'))).toBe(true)
}, 20_000)

/** A recipe whose script ends with those exit codes. */
function scripted(home: string, ends: { stop: number; status: number }): Recipe {
  const folder = join(home, 'mine')
  mkdirSync(folder)
  for (const [name, code] of Object.entries(ends))
    writeFileSync(join(folder, `${name}.sh`), `#!/bin/sh\necho no such folder >&2\nexit ${code}\n`, { mode: 0o755 })
  const script = { folder, start: ['./a'], stop: ['./stop.sh'], status: ['./status.sh'], log: null }
  return sampleRecipe({ id: 'mine', runtime: 'script', script })
}

test('a script’s stop has ten minutes, says whom it waits for, and where it takes longer its status decides', async () => {
  const { live, home } = spark('spark-1')
  let patience = 0
  const slow: SwapHost = {
    ...live,
    run(argv, options: RunOptions = {}) {
      if (argv.at(-1) !== './stop.sh') return live.run(argv, options)
      patience = Number(argv[argv.indexOf('env') - 1])
      return Promise.reject(new Error('perl: took over 618 s on 127.0.0.1; try again'))
    },
  }
  const { reports } = await stop([slow], { recipe: scripted(home, { stop: 0, status: 1 }) })
  expect(patience).toBe(600)
  expect(reports).toContain('waiting for the server of mine on spark-1 to end')
})

test.each([125, 126, 127])(
  'a script that ends with %i is not there to be asked: a closed port says that it is gone',
  async (code) => {
    const { live, home } = spark('spark-1')
    const recipe = scripted(home, { stop: code, status: code })
    expect((await stop([live], { recipe })).reports.at(-1)).toBe('stopped on 1 of 1')
    const { reason } = await failure(stop([live], { recipe, service: { port: listening.port } }))
    expect(reason).toEqual({
      code: 'stop_unproven',
      message: 'whether the server of mine on spark-1 has ended cannot be told: no such folder',
      remedy: `end what answers on port ${listening.port} there (ss -ltnp tells which program it is), then swap again`,
    })
  },
)
