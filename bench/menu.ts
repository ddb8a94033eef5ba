import { join } from 'node:path'
import { type LiveHost, liveHost } from '../core/cluster/hosts'
import { sampleHost, sampleService } from '../core/config/declared.sample'
import type { Disk } from '../core/models/disk/found-model'
import { look } from '../core/models/disk/look'
import { fit } from '../core/models/memory/fit'
import type { HostLedger } from '../core/models/memory/ledger'
import { menu as menuOf } from '../core/models/menu'
import type { Recipe } from '../core/models/recipe'
import { sampleRecipe } from '../core/models/recipe.sample'
import { type DiskHostLine, startDiskHost } from './disk-host'
import { writeManyModels } from './many-models'
import type { Report } from './report'
import { type Figures, interleaved } from './rounds'

const count = 100

/** The menu of 100 models on two hosts: looking at their disks for the first time and again, and what is made of it. */
export async function menu(): Promise<Report> {
  const sparks = await Promise.all([startDiskHost(), startDiskHost()])
  const lives = sparks.map((spark, n) => connected(`spark-${n + 1}`, spark))
  try {
    const [repos = []] = sparks.map(({ home }) => writeManyModels(join(home, '.cache/huggingface/hub'), count))
    await Promise.all(lives.map((live) => live.ready()))
    // What was written a moment ago is read at every look.
    await Bun.sleep(4000)
    const seen = await Promise.all(lives.map((live) => look(live)))
    const ways = [
      { name: 'first look', act: () => Promise.all(lives.map((live) => look(live))) },
      {
        name: 'look again, nothing changed',
        act: () => Promise.all(lives.map((live, n) => look(live, { before: seen[n] ?? null }))),
      },
      { name: 'menu with fit', act: async () => built(seen, repos) },
      {
        name: 'look again and menu',
        act: async () =>
          built(await Promise.all(lives.map((live, n) => look(live, { before: seen[n] ?? null }))), repos),
      },
    ]
    for (const { act } of ways) await act()
    const rows = await interleaved(ways, ({ act }) => timed(act))
    const whole = seen.map(({ models }) => models.filter(({ state }) => state === 'ready').length)
    return { title: `Menu of ${count} models on two hosts`, rows, notes: [`whole models seen: ${whole.join(' and ')}`] }
  } finally {
    for (const live of lives) live.close()
    await Promise.all(sparks.map((spark) => spark.stop()))
  }
}

/** CPU is this process' alone: hosts and their SSH servers are others. */
async function timed(act: () => Promise<unknown>): Promise<Figures> {
  const [began, cpu] = [performance.now(), process.cpuUsage()]
  await act()
  const { user, system } = process.cpuUsage(cpu)
  return { 'wall ms': performance.now() - began, 'controller CPU ms': (user + system) / 1000 }
}

function built(disks: Disk[], repos: string[]) {
  const hosts = disks.map(({ host }) => sampleHost(host))
  const service = sampleService('llm', { hosts })
  const ledgers = hosts.map(({ id }) => roomy(id))
  const recipes = repos.map((repo, n) =>
    sampleRecipe({ id: `model-${n}`, repo, nodes: (n % 2) + 1, command: `vllm serve ${repo} --max-model-len 32768` }),
  )
  return menuOf({
    disks,
    recipes,
    service,
    loaded: [],
    jobs: [],
    ended: () => null,
    now: Date.now(),
    services: [],
    lastLoaded: () => null,
    usual: () => null,
    fit: (recipe) => fit({ recipe, service, found: foundOn(disks, recipe), ledgers: ledgers.slice(0, recipe.nodes) }),
  })
}

const foundOn = (disks: Disk[], { repo, nodes }: Recipe) =>
  Object.fromEntries(
    disks.slice(0, nodes).map(({ host, models }) => [host, models.find((each) => each.repo === repo) ?? null]),
  )

const roomy = (host: string): HostLedger => ({
  host,
  seen_at: null,
  total_bytes: 128e9,
  available_bytes: 118e9,
  cached_bytes: 0,
  reserve_bytes: 0,
  uses: [],
})

function connected(id: string, { port, privateKey }: DiskHostLine): LiveHost {
  return liveHost(sampleHost(id, { sshPort: port }), {
    key: { privateKey, publicLine: '' },
    hostKeys: { pinned: () => null, pin() {} },
  })
}
