import { type HubFaults, hubFaults } from './hub-faults'
import { catalogue, type DemoModel, findModel, type ModelFile, modelFiles } from './models'
import { modelCommit } from './models/files'

/** A Hugging Face hub of the simulated Sparks' own, with all of the catalogue. */
export interface DemoHub {
  url: string
  faults: HubFaults
  stop(): void
}

/** The one token whose owner has accepted the licences of gated models; any other that begins with `hf_` is somebody else's. */
export const licensedToken = 'hf_DemoTokenThatAcceptedTheLicence01'

const retryAfterS = 2

/** Serves what the `hf` tool and a control plane ask of a hub. Weights are told by size and beginning; their holes never cross. */
export function demoHub(address: string, port: number): DemoHub {
  const faults = hubFaults()
  const server = Bun.serve({ hostname: address, port, idleTimeout: 0, development: false, fetch: answer })

  function answer(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url)
    const token = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ?? null
    if (pathname === '/api/models')
      return search(searchParams.get('search') ?? '', Number(searchParams.get('limit') ?? 20))
    const [, org = '', name = '', rest = ''] = /^\/(?:api\/models\/)?([^/]+)\/([^/]+)(?:\/(.+))?$/.exec(pathname) ?? []
    const repo = `${org}/${name}`
    const trouble = outOfOrder(repo)
    if (trouble) return trouble
    const model = findModel(repo)
    if (!model || model.repo.startsWith('acme/')) return unknown(token)
    if (pathname.startsWith('/api/')) return info(model, rest, searchParams.get('blobs') === 'true')
    const [, revision = '', path = ''] = /^resolve\/([^/]+)\/(.+)$/.exec(rest) ?? []
    const file = modelFiles(model).find((each) => each.path === path)
    if (!known(model, revision) || !file) return failure(404, 'EntryNotFound', 'Entry not found')
    return gate(model, token) ?? content(request, model, file)
  }

  function outOfOrder(repo: string): Response | null {
    if (faults.holds('broken', repo)) return failure(503, null, 'Service Unavailable')
    if (!faults.holds('rate-limited', repo)) return null
    const limited = failure(429, null, 'We had to rate limit your IP. Retry after a few seconds')
    limited.headers.set('retry-after', String(retryAfterS))
    return limited
  }

  function gate(model: DemoModel, token: string | null): Response | null {
    if (!(model.gated || faults.holds('gated', model.repo)) || token === licensedToken) return null
    if (token === null) return failure(401, 'GatedRepo', `Access to model ${model.repo} is restricted. Please log in.`)
    return failure(
      403,
      'GatedRepo',
      `Access to model ${model.repo} is restricted and you are not in the authorized list.`,
    )
  }

  function content(request: Request, model: DemoModel, file: ModelFile): Response {
    const headers: Record<string, string> = { etag: `"${file.blob}"`, 'x-repo-commit': modelCommit(model.repo) }
    if (!file.large) return new Response(new Uint8Array(file.content), { headers })
    if (request.method !== 'HEAD') {
      const range = `bytes 0-${Math.max(0, file.content.length - 1)}/${file.bytes}`
      return new Response(new Uint8Array(file.content), {
        status: 206,
        headers: { ...headers, 'content-range': range },
      })
    }
    for (const kind of ['incomplete', 'truncate'] as const) {
      if (faults.once(kind, model.repo)) headers['x-demo-fault'] = kind
    }
    return new Response(null, { headers: { ...headers, 'x-linked-size': String(file.bytes) } })
  }

  return { url: `http://${address}:${server.port}`, faults, stop: () => void server.stop(true) }
}

function info(model: DemoModel, rest: string, blobs: boolean): Response {
  const [, revision = 'main'] = /^revision\/(.+)$/.exec(rest) ?? []
  if (!known(model, decodeURIComponent(revision))) return failure(404, 'RevisionNotFound', 'Invalid rev id')
  const siblings = modelFiles(model).map(({ path, bytes, blob, large }) => ({
    rfilename: path,
    ...(blobs ? { size: bytes, blobId: large ? blob.slice(0, 40) : blob } : {}),
    ...(blobs && large ? { lfs: { sha256: blob, size: bytes, pointerSize: 135 } } : {}),
  }))
  return Response.json({ ...listed(model), sha: modelCommit(model.repo), siblings })
}

function search(words: string, limit: number): Response {
  const parts = words.toLowerCase().split(/\s+/)
  const found = catalogue.filter(({ repo }) => parts.every((part) => repo.toLowerCase().includes(part)))
  return Response.json(found.slice(0, limit).map(listed))
}

function listed({ repo, gated = false, bytes }: DemoModel) {
  return {
    id: repo,
    modelId: repo,
    gated: gated ? 'manual' : false,
    downloads: Math.round(bytes / 1e5),
    likes: Math.round(bytes / 1e8),
    lastModified: '2026-09-30T08:00:00.000Z',
    pipeline_tag: 'text-generation',
  }
}

const known = (model: DemoModel, revision: string) => revision === 'main' || revision === modelCommit(model.repo)

/** Who is not logged in is not told whether something exists. */
function unknown(token: string | null): Response {
  return token === null
    ? failure(401, 'RepoNotFound', 'Invalid username or password.')
    : failure(404, 'RepoNotFound', 'Repository not found')
}

function failure(status: number, code: string | null, error: string): Response {
  const headers: Record<string, string> = code === null ? {} : { 'x-error-code': code, 'x-error-message': error }
  return Response.json({ error }, { status, headers })
}
