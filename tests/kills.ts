import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { finalStates, type JobView } from '../core/jobs/job'
import { type Receiver, receiver } from '../core/webhooks/receiver.sample'
import { type SimulatedCluster, simulatedCluster } from '../demo/cluster'
import { large, small, until } from './cluster'
import { type Program, program } from './program'

export interface KillsOptions {
  /** How many kills at least; a swap that has begun is brought to its end. */
  times: number
  seed: number
  say?(line: string): void
}

/** What was counted; whatever must not be is told in `broken`. */
export interface KillFigures {
  kills: number
  swaps: number
  /** Swaps by what was done to them and how they ended, as `cancel: cancelled`. */
  ends: Map<string, number>
  /** Kills by the phase that was shown last before. */
  phases: Map<string, number>
  /** Looks at the process table of the Sparks. */
  looks: number
  /** Most engines of the service at one look. */
  mostEngines: number
  /** From the start of the program until it tells the true state of the swap, ms. */
  back: number[]
  broken: string[]
}

type Deed = 'swap' | 'fails' | 'cancel' | 'unload'

const secret = `whsec_${Buffer.from('a key for nothing but these kills').toString('base64')}`
const phases = ['drain', 'stop', 'memory', 'launch', 'load', 'load', 'first_token', 'commit']
const backPhases = ['back_stop', 'back_memory', 'back_launch', 'back_load', 'back_first_token']
const lookEveryMs = 40

/** Kills a controller (-9) again and again in the midst of swaps on simulated Sparks with real processes, and looks what comes of them. */
export async function kills({ times, seed, say = () => {} }: KillsOptions): Promise<KillFigures> {
  const chance = chances(seed)
  const figures: KillFigures = {
    kills: 0,
    swaps: 0,
    ends: new Map(),
    phases: new Map(),
    looks: 0,
    mostEngines: 0,
    back: [],
    broken: [],
  }
  const stage = await staged()
  const watching = setInterval(look, lookEveryMs)
  const engines = new Set<number>()
  const accepted: string[] = []
  try {
    await stage.start()
    for (let n = 0; figures.kills < times; n++) await round(n)
    await checkJobs()
    return figures
  } finally {
    clearInterval(watching)
    await stage.stop()
  }

  function look() {
    const found = stage.engines()
    figures.looks++
    for (const { pid } of found) engines.add(pid)
    if (found.length > figures.mostEngines) figures.mostEngines = found.length
    if (found.length > 1) broken(`${found.length} engines at once: ${found.map(({ recipe }) => recipe).join(', ')}`)
  }

  async function round(n: number) {
    const deed = chance.among<Deed>(['swap', 'swap', 'fails', 'cancel', 'unload'])
    const before = stage.engines()[0]?.recipe ?? null
    const recipe = deed === 'unload' && before !== null ? null : before === large ? small : large
    if (deed === 'fails' && recipe) await stage.cluster.faults.recipe(recipe, 'fail-at-load')
    engines.clear()
    const job = await stage.swap(recipe)
    accepted.push(job)
    figures.swaps++
    const mine = 1 + chance.below(3)
    const cancelled = deed === 'cancel' ? cancel(job, chance.below(2500)) : Promise.resolve()
    for (let k = 0; k < mine; k++) await kill(job, deed)
    await cancelled
    const view = await stage.ended(job)
    check(n, deed, view, before)
    await stage.cluster.faults.clear()
    await checkMessages(view)
    say(
      `${String(n + 1).padStart(4)}  ${deed.padEnd(6)} ${recipe ?? 'nothing'}: ${view.state} (${view.result}), ${figures.kills} kills`,
    )
  }

  /** Kills it at a phase, or at any moment, and starts it again at once or when the load may be over. */
  async function kill(job: string, deed: Deed) {
    const wanted = chance.among([null, ...phases, ...(deed === 'swap' ? [] : backPhases)])
    const latest = performance.now() + 200 + chance.below(4000)
    const shown = await until('a moment to kill it', async () => {
      const view = await stage.look(job)
      const there = wanted !== null && view?.phase === wanted
      return view && (there || finalStates.includes(view.state) || performance.now() > latest) ? view : null
    })
    if (finalStates.includes(shown.state)) return
    await Bun.sleep(chance.below(60))
    await stage.kill()
    figures.kills++
    count(figures.phases, shown.phase ?? 'none')
    await Bun.sleep(chance.among([0, 0, 300, 2500]))
    const began = performance.now()
    await stage.start()
    await until('the swap to be shown', async () => await stage.look(job))
    figures.back.push(performance.now() - began)
  }

  async function cancel(job: string, afterMs: number) {
    await Bun.sleep(afterMs)
    await until('the cancel to be taken', async () => {
      const answer = await stage.ask('DELETE', `/api/swap/${job}`)
      return answer?.status === 200 || answer?.status === 202 || answer?.status === 409 ? true : null
    })
  }

  function check(
    n: number,
    deed: Deed,
    { id, state, result, recipe, previous, error }: JobView,
    before: string | null,
  ) {
    const end = `${deed}: ${state}`
    count(figures.ends, end)
    const allowed = { swap: ['done'], unload: ['done'], fails: ['rolled_back'], cancel: ['done', 'cancelled'] }[deed]
    // Nothing ran before: then there is nothing to come back to.
    const states = deed === 'fails' && (before === null || recipe === null) ? ['failed', 'done'] : allowed
    const why = `swap ${n + 1} (${deed} of ${recipe ?? 'nothing'}, before ${before ?? 'nothing'}, ${id})`
    if (!states.includes(state)) broken(`${why} ended as ${state}: ${error?.message}`)
    const wanted = result === 'new' ? recipe : result === 'previous' ? previous : null
    const runs = stage.engines().map((each) => each.recipe)
    if (result === 'unknown') broken(`${why} ended and does not know what runs`)
    else if (runs.join() !== (wanted ?? ''))
      broken(`${why} ended with ${runs.join() || 'nothing'} instead of ${wanted}`)
    // What ran, what was launched, and what was brought back: a launch that was made twice would be one more.
    const launches = Number(before !== null) + Number(recipe !== null) + Number(result === 'previous')
    if (engines.size > launches) broken(`${why} had ${engines.size} engines in turn; ${launches} at most were launched`)
  }

  async function checkMessages({ id, state }: JobView) {
    const end = state === 'done' ? 'swap_complete' : 'swap_failed'
    const ids = (type: string) =>
      new Set(
        stage.told.got
          .filter((each) => each.type === type && JSON.parse(each.body).data.job === id)
          .map((each) => each.id),
      )
    await until(`${end} of ${id}`, () => (ids(end).size > 0 && ids('swap_started').size > 0 ? true : null)).catch(
      () => {},
    )
    const other = end === 'swap_complete' ? 'swap_failed' : 'swap_complete'
    for (const [type, wanted] of [
      ['swap_started', 1],
      [end, 1],
      [other, 0],
    ] as const)
      if (ids(type).size !== wanted) broken(`${id} was told as ${type} ${ids(type).size} times; ${wanted} is right`)
  }

  async function checkJobs() {
    const found: JobView[] = []
    for (let next: string | null = ''; next !== null; ) {
      const answer = await stage.ask('GET', `/api/jobs?limit=200${next && `&cursor=${next}`}`)
      const page = (await answer?.json()) as { jobs: JobView[]; next: string | null }
      found.push(...page.jobs)
      next = page.next
    }
    const ended = new Set(found.filter(({ state }) => finalStates.includes(state)).map(({ id }) => id))
    for (const id of accepted) if (!ended.has(id)) broken(`${id} was accepted and is lost`)
    const swaps = found.filter(({ kind }) => kind === 'swap')
    if (swaps.length !== accepted.length) broken(`${swaps.length} swaps are known; ${accepted.length} were accepted`)
  }

  function broken(what: string) {
    if (figures.broken.at(-1) === what) return
    figures.broken.push(what)
    say(`BROKEN ${what}`)
  }
}

/** Sparks, a receiver of messages, and a controller that can be killed and started. */
async function staged() {
  const data = mkdtempSync(join(tmpdir(), 'spark-kills-'))
  const told: Receiver = receiver()
  const firstAddress = `127.3.${process.pid % 250}.11`
  const cluster: SimulatedCluster = await simulatedCluster({ speed: 40, ports: 'free', firstAddress, loaded: small })
  const config = await Bun.file(cluster.configPath).text()
  await Bun.write(cluster.configPath, `${config}webhooks:\n  - { url: ${told.url}/hook, secret: WEBHOOK_SECRET }\n`)
  let controller: Program
  let url = ''

  async function ask(method: string, path: string, body?: unknown): Promise<Response | null> {
    const headers = { 'content-type': 'application/json' }
    const sent = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) }
    return fetch(`${url}${path}`, sent).catch(() => null)
  }

  async function look(job: string): Promise<JobView | null> {
    const answer = await ask('GET', `/api/swap/${job}`)
    return answer?.ok ? ((await answer.json()) as JobView) : null
  }

  return {
    cluster,
    told,
    ask,
    look,
    engines: () => cluster.processes().filter(({ service }) => service === 'llm'),
    async start() {
      controller = program(['serve', '--config', cluster.configPath, '--data', data, '--port', '0'])
      url = await controller.line(/^ready (\S+)$/)
      await ask('PUT', '/api/secrets/WEBHOOK_SECRET', { value: secret })
    },
    async kill() {
      controller.kill('SIGKILL')
      await controller.exited
    },
    swap: (recipe: string | null): Promise<string> =>
      until(`a swap to ${recipe}`, async () => {
        const answer = await ask('POST', '/api/swap', { recipe })
        return answer?.status === 202 ? ((await answer.json()) as { job: string }).job : null
      }),
    ended: (job: string): Promise<JobView> =>
      until(
        `${job} to end`,
        async () => {
          const view = await look(job)
          return view && finalStates.includes(view.state) ? view : null
        },
        120_000,
      ),
    async stop() {
      controller.kill('SIGKILL')
      await controller.exited
      await cluster.stop()
      await told.stop()
      for (const folder of [data, dirname(cluster.configPath)]) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The same numbers for the same seed. */
function chances(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)
  return { below, among: <T>(all: readonly T[]): T => all[below(all.length)] as T }
}

function count(counts: Map<string, number>, name: string) {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
