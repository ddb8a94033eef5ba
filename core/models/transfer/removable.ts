import type { LiveHost } from '../../cluster/hosts'
import { pause } from '../../cluster/pause'
import { NotConnectedError } from '../../cluster/remote-commands'
import type { Look } from './examine'
import { measure, repoFolder } from './measured'
import { TransferRefusal } from './refusal'

/** How a model lies on a host that was asked to delete it. */
export interface Removable {
  host: string
  /** The own cache of the login holds it. */
  own: boolean
  /** Where it lies besides, which no delete touches; null where it does not. */
  stays: string | null
}

export interface RemovableOptions {
  look: Look
  /** A download of it was begun from here, and none runs now: what has just stopped to grow looks as if it still did. */
  ours: boolean
}

const growMs = 2000

/** Asks a host. @throws {TransferRefusal} `download_running` by another program, `host_unreachable` */
export async function removable(live: LiveHost, repo: string, options: RemovableOptions): Promise<Removable> {
  if (live.link.state !== 'up') throw unreachable(live)
  return ask(live, repo, options).catch((error) => {
    throw error instanceof NotConnectedError ? unreachable(live) : error
  })
}

async function ask(live: LiveHost, repo: string, { look, ours }: RemovableOptions): Promise<Removable> {
  const { id: host } = live.host
  const { models, caches } = await look(live, { repo })
  const model = models.find((each) => each.repo === repo)
  if (!model) return { host, own: false, stays: null }
  if (model.state === 'downloading' && (!ours || (await grows(live, model.cache, repo))))
    throw new TransferRefusal(
      'download_running',
      `${repo}: another program downloads it on ${host}, or did until now; end it there, then try again in two minutes`,
      { host },
    )
  const hub = caches.find((cache) => cache.own)?.path ?? null
  if (model.cache === hub) return { host, own: true, stays: null }
  const stays =
    model.layout === 'hub'
      ? `lies in ${model.cache} on ${host}, which is not the cache of this login`
      : `lies as a plain folder in ${model.path} on ${host}, which is yours`
  return { host, own: hub !== null && (await isFolderIn(live, hub, repo)), stays }
}

/** Whether a hub directory holds a folder of that repo, however little is in it. */
async function isFolderIn(live: LiveHost, hub: string, repo: string): Promise<boolean> {
  const path = `${hub}/${repoFolder(repo)}`
  const { code } = await live.run(['sh', '-c', '[ -d "$1" ] || [ -L "$1" ]', 'spark-control-folder', path])
  return code === 0
}

async function grows(live: LiveHost, hub: string, repo: string): Promise<boolean> {
  const sizes = async () => {
    const { blobs, parts } = await measure(live, hub, repo)
    return JSON.stringify([...blobs, ...parts])
  }
  const before = await sizes()
  await pause(growMs)
  return before !== (await sizes())
}

function unreachable({ host: { id, title } }: LiveHost): TransferRefusal {
  return new TransferRefusal(
    'host_unreachable',
    `hosts: ${title === id ? id : `${title} (${id})`} can't be reached now; try again when it can, or name the others`,
    { host: id },
  )
}
