import type { LiveHost } from '../../cluster/hosts'

/** What the hub answered to a Spark. */
export interface HubAnswer {
  status: number
  /** The hub's own word for what is wrong (`GatedRepo`, `RepoNotFound`). */
  code: string | null
  retryAfterS: number | null
  /** Parsed JSON; null where it is none. */
  body: unknown
}

// printf is a builtin, and curl reads the token from its input: no argument list ever holds it. A token that lies on the
// Spark already is sent where none is given.
const script = `
command -v curl >/dev/null 2>&1 || exit 127
IFS= read -r token || :
[ -n "$token" ] || token=\${HF_TOKEN:-$(cat "\${HF_TOKEN_PATH:-\${HF_HOME:-\${XDG_CACHE_HOME:-$HOME/.cache}/huggingface}/token}" 2>/dev/null | head -n 1)}
case $token in *[!A-Za-z0-9._~+/=-]*) token= ;; esac
{ [ -z "$token" ] || printf 'header = "Authorization: Bearer %s"\\n' "$token"; } |
  curl -sS -i -L --suppress-connect-headers --max-redirs 5 --max-time 25 --config - -- "$1"
`

const mostBytes = 16 * 1024 * 1024

/** Asks the hub from a Spark, which may have the Internet where the controller has none. @throws {Error} when it can't be asked */
export async function askHub(
  live: LiveHost,
  url: string,
  token: string | null,
  signal?: AbortSignal,
): Promise<HubAnswer> {
  const command = ['sh', '-c', script, 'spark-control-hub', url]
  const { code, stdout, stderr } = await live.run(command, {
    input: `${token ?? ''}\n`,
    timeoutMs: 35_000,
    maxBytes: mostBytes,
    signal,
  })
  if (code === 0) return readAnswer(stdout)
  const why = code === 127 ? 'there is no curl; on that Spark: sudo apt install curl' : curlSaid(stderr, code)
  throw new Error(`${live.host.id}: could not ask the hub: ${why}`)
}

/** Reads what `curl -i -L` printed: head after head, then the body of the last. */
export function readAnswer(text: string): HubAnswer {
  let rest = text
  let head = ''
  while (/^HTTP\/[\d.]+ \d{3}/.test(rest)) {
    const end = /\r?\n\r?\n/.exec(rest)
    if (!end) break
    head = rest.slice(0, end.index)
    rest = rest.slice(end.index + end[0].length)
    const status = statusOf(head)
    if (status >= 200 && (status < 300 || status >= 400)) break
  }
  const after = field(head, 'retry-after')
  return {
    status: statusOf(head),
    code: field(head, 'x-error-code'),
    retryAfterS: after !== null && /^\d{1,6}$/.test(after) ? Number(after) : null,
    body: parsed(rest),
  }
}

const statusOf = (head: string) => Number(/^HTTP\/[\d.]+ (\d{3})/.exec(head)?.[1] ?? 0)

function field(head: string, name: string): string | null {
  const line = head.split(/\r?\n/).find((each) => each.toLowerCase().startsWith(`${name}:`))
  return line === undefined ? null : line.slice(name.length + 1).trim()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function curlSaid(stderr: string, code: number | null): string {
  const line = stderr
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/^curl: /, '')
    .slice(0, 200)
  return line || `curl ended with ${code}`
}
