/** A file as the hub lists it. */
export interface HubFile {
  path: string
  bytes: number
  /** Name of its blob. */
  blob: string
  large: boolean
}

/** Asks a hub in the manner of `hf`; what it throws says what `hf` says. */
export interface HubClient {
  files(repo: string, revision: string): Promise<{ commit: string; files: HubFile[] }>
  /** The beginning of a file (all of a small one), and what the simulated hub wants to go wrong with it. */
  open(repo: string, commit: string, file: HubFile): Promise<{ head: Uint8Array; fault: string | null }>
}

interface Sibling {
  rfilename: string
  size: number
  blobId: string
  lfs?: { sha256: string }
}

/** A client of the hub at `endpoint`. */
export function hubClient(endpoint: string, token: string | null): HubClient {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }

  async function ask(path: string, repo: string, method = 'GET'): Promise<Response> {
    const url = `${endpoint}${path}`
    const answer = await fetch(url, { method, headers }).catch(() => {
      throw new Error(
        `requests.exceptions.ConnectionError: HTTPSConnectionPool: Max retries exceeded with url: ${path} (Caused by NewConnectionError)`,
      )
    })
    if (!answer.ok) throw new Error(said(answer, url, repo))
    return answer
  }

  return {
    async files(repo, revision) {
      const answer = await ask(`/api/models/${repo}/revision/${encodeURIComponent(revision)}?blobs=true`, repo)
      const { sha, siblings } = (await answer.json()) as { sha: string; siblings: Sibling[] }
      const files = siblings.map(({ rfilename, size, blobId, lfs }) => ({
        path: rfilename,
        bytes: size,
        blob: lfs?.sha256 ?? blobId,
        large: lfs !== undefined,
      }))
      return { commit: sha, files }
    },
    async open(repo, commit, { path }) {
      const at = `/${repo}/resolve/${commit}/${path}`
      const told = await ask(at, repo, 'HEAD')
      const head = await (await ask(at, repo)).bytes()
      return { head, fault: told.headers.get('x-demo-fault') }
    },
  }
}

/** huggingface_hub's own words. */
function said({ status, statusText, headers }: Response, url: string, repo: string): string {
  const code = headers.get('x-error-code')
  if (code === 'RepoNotFound')
    return `huggingface_hub.errors.RepositoryNotFoundError: ${status} Client Error. (Request ID: Root=1-demo)\n\nRepository Not Found for url: ${url}.\nPlease make sure you specified the correct \`repo_id\` and \`repo_type\`.\nIf you are trying to access a private or gated repo, make sure you are authenticated.`
  if (code === 'RevisionNotFound')
    return `huggingface_hub.errors.RevisionNotFoundError: ${status} Client Error. (Request ID: Root=1-demo)\n\nRevision Not Found for url: ${url}.`
  if (code === 'GatedRepo') {
    const why = headers.get('x-error-message') ?? ''
    return `huggingface_hub.errors.GatedRepoError: ${status} Client Error. (Request ID: Root=1-demo)\n\nCannot access gated repo for url ${url}.\n${why}${status === 403 ? ` Visit https://huggingface.co/${repo} to ask for access.` : ''}`
  }
  if (status === 429)
    return `huggingface_hub.errors.HfHubHTTPError: 429 Client Error: Too Many Requests for url: ${url} (Request ID: Root=1-demo)\n\nRetry after ${headers.get('retry-after')} seconds`
  const kind = status >= 500 ? 'Server' : 'Client'
  return `huggingface_hub.errors.HfHubHTTPError: ${status} ${kind} Error: ${statusText || 'Service Unavailable'} for url: ${url}`
}
