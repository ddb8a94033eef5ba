import { gib } from '../../cluster/gib'
import type { FoundModel, ModelCache } from '../../models/disk/found-model'
import { type Check, remark, right, untold, type Verdict, wrong } from '../check'
import type { Examined } from '../examined'

const mostNamed = 10

/** What lies in every cache of every host: how much, what may not be looked into, which models are not whole, what a delete has left. */
export function modelChecks(all: Examined[]): Check[] {
  return all.flatMap((examined) =>
    [...caches(examined), ...notWhole(examined, all), ...leftovers(examined)].map((verdict) => ({
      ...verdict,
      subject: `host:${examined.host.id}`,
    })),
  )
}

function caches({ disk, host, answers }: Examined): Verdict[] {
  if (!disk) return [untold('models', 'what lies on its disk could not be told', 'examine again')]
  return disk.caches.flatMap((cache): Verdict[] => {
    if (cache.problem !== null) return [closed(cache, host.id, answers.get('user'))]
    const models = disk.models.filter((model) => model.cache === cache.path)
    // Of an own cache without any the check of the cache itself tells.
    if (models.length === 0 && cache.own) return []
    const amount = gib(models.reduce((sum, { bytes }) => sum + bytes, 0))
    return [
      right('models', `${models.length} ${models.length === 1 ? 'model' : 'models'}, ${amount}, at ${cache.path}`),
    ]
  })
}

function closed({ path, own, problem }: ModelCache, host: string, user: string): Verdict {
  const text = `${path} ${problem}`
  if (problem === 'is not there' || problem === 'is no folder')
    return wrong('models', text, `make that folder, or correct hosts.${host}.models in spark.config.yaml`)
  return own
    ? wrong('models', text, 'run there', `sudo chown -R ${user}: ${path}`)
    : wrong('models', text, 'run there, and let that user into the folders above it too', `sudo chmod -R o+rX ${path}`)
}

function notWhole({ disk, host }: Examined, all: Examined[]): Verdict[] {
  const found = disk?.models.filter(({ state }) => state === 'partial') ?? []
  const named = found.slice(0, mostNamed).map((model) => unfinished(model, host.id, all))
  if (found.length <= mostNamed) return named
  return [...named, remark('model', `${found.length - mostNamed} more models are not whole`, 'look at the Models page')]
}

function unfinished({ repo, problems: [problem] }: FoundModel, host: string, all: Examined[]): Verdict {
  const source = all.find(({ disk }) =>
    disk?.models.some((model) => disk.host !== host && model.repo === repo && model.state === 'ready'),
  )
  const copy = source ? `, or copy it again from ${source.host.id}, where it is whole` : ''
  return remark('model', `${repo} is not whole: ${problem ?? 'files are missing'}`, `download it again${copy}`)
}

function leftovers({ disk }: Examined): Verdict[] {
  const [first, ...more] = disk?.leftovers ?? []
  if (first === undefined) return []
  const text = `a delete was interrupted and has left ${first}${more.length > 0 ? ` and ${more.length} more` : ''}`
  return [remark('leftovers', text, 'Spark Control finishes it when it starts anew; or remove that folder by hand')]
}
