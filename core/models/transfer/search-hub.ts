import type { LiveHost } from '../../cluster/hosts'
import { plainText } from '../../cluster/plain-text'
import { repoPattern } from '../../config/common-schema'
import { askHub } from './ask-hub'

/** A model that the hub offers. */
export interface HubModel {
  repo: string
  downloads: number | null
  likes: number | null
  /** Its licence must be accepted with an account. */
  gated: boolean
  /** RFC 3339; null where it was not told. */
  updated_at: string | null
  /** What it is for, in the hub's words: `text-generation`. */
  task: string | null
}

const mostModels = 30
const repo = new RegExp(repoPattern)

/** Searches the hub from a Spark. @throws {Error} when it can't be asked, or does not answer so */
export async function searchHub(
  live: LiveHost,
  hub: string,
  words: string,
  token: string | null,
  signal?: AbortSignal,
): Promise<HubModel[]> {
  const query = new URLSearchParams({ search: words, limit: String(mostModels), sort: 'downloads', direction: '-1' })
  const { status, body } = await askHub(live, `${hub.replace(/\/+$/, '')}/api/models?${query}`, token, signal)
  if (status !== 200 || !Array.isArray(body)) throw new Error(`the hub answered ${status}`)
  return body.flatMap(readModel).slice(0, mostModels)
}

function readModel(entry: unknown): HubModel[] {
  const { id, downloads, likes, gated, lastModified, pipeline_tag: task } = (entry ?? {}) as Record<string, unknown>
  if (typeof id !== 'string' || !repo.test(id)) return []
  const count = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null)
  const at = typeof lastModified === 'string' ? Date.parse(lastModified) : Number.NaN
  return [
    {
      repo: id,
      downloads: count(downloads),
      likes: count(likes),
      gated: gated !== undefined && gated !== false && gated !== null,
      updated_at: Number.isNaN(at) ? null : new Date(at).toISOString(),
      task: typeof task === 'string' ? plainText(task, 60) : null,
    },
  ]
}
