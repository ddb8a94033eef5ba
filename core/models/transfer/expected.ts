import { plainText } from '../../cluster/plain-text'
import type { HubAnswer } from './ask-hub'

/** What the hub says a model consists of. */
export interface Expected {
  /** 40 hex digits; null where it was not told. */
  commit: string | null
  totalBytes: number
  files: ExpectedFile[]
}

export interface ExpectedFile {
  path: string
  bytes: number
  /** Name of its file below `blobs/`; null where it was not told. */
  blob: string | null
}

/** The address of the question. */
export function expectedUrl(hub: string, repo: string, revision: string | null): string {
  const at = revision === null ? '' : `/revision/${encodeURIComponent(revision)}`
  return `${hub.replace(/\/+$/, '')}/api/models/${repo}${at}?blobs=true`
}

/** Reads the hub's answer; null where it lists no sizes. */
export function readExpected({ body }: Pick<HubAnswer, 'body'>): Expected | null {
  const { sha, siblings } = (body ?? {}) as { sha?: unknown; siblings?: unknown }
  if (!Array.isArray(siblings) || siblings.length === 0) return null
  const files = siblings.flatMap(readFile)
  if (files.length !== siblings.length) return null
  return {
    commit: typeof sha === 'string' && /^[0-9a-f]{40}$/.test(sha) ? sha : null,
    totalBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    files,
  }
}

interface Sibling {
  rfilename?: unknown
  size?: unknown
  blobId?: unknown
  lfs?: { sha256?: unknown; size?: unknown } | null
}

function readFile(entry: unknown): ExpectedFile[] {
  const { rfilename: path, size, blobId, lfs } = (entry ?? {}) as Sibling
  const bytes = lfs?.size ?? size
  const blob = lfs?.sha256 ?? blobId
  if (typeof path !== 'string' || plainText(path, 1000) !== path || !isBytes(bytes)) return []
  return [{ path, bytes, blob: typeof blob === 'string' && /^[0-9a-f]{40,64}$/.test(blob) ? blob : null }]
}

const isBytes = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
