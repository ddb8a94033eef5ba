import { asker } from '../cluster/probe'
import type { JobError } from '../jobs/job'

/** What the engine says it serves, or null while it does not answer. */
export async function servedNow(address: string, port: number): Promise<{ id: string; root: string }[] | null> {
  try {
    const { status, text } = await asker(address, port, 3000)('/v1/models')
    if (status !== 200) return null
    const { data } = JSON.parse(text) as { data?: { id?: unknown; root?: unknown }[] }
    if (!Array.isArray(data)) return null
    return data.map(({ id, root }) => ({ id: String(id), root: String(root ?? id) }))
  } catch {
    return null
  }
}

/** The error when the engine serves something else than was asked for, or null. */
export function wrongModel(served: { id: string; root: string }[], repo: string): JobError | null {
  if (served.some(({ id, root }) => root === repo || id === repo)) return null
  const names = served.map(({ root }) => root).join(', ') || 'nothing'
  return {
    code: 'wrong_model',
    message: `the engine serves ${names} instead of ${repo}`,
    remedy: 'correct the recipe’s command or its model',
  }
}

/** Asks for one real token; an open port proves nothing. @returns the error, or null when a token came */
export async function firstToken(
  address: string,
  port: number,
  model: string,
  embeds: boolean,
  timeoutMs = 60_000,
): Promise<JobError | null> {
  const ask = asker(address, port, timeoutMs)
  try {
    const { status, text } = embeds
      ? await ask('/v1/embeddings', { method: 'POST', body: JSON.stringify({ model, input: 'ready?' }) })
      : await ask('/v1/completions', {
          method: 'POST',
          body: JSON.stringify({ model, prompt: 'Hello', max_tokens: 1 }),
        })
    if (status === 200 && hasToken(text)) return null
    return noToken(`it answered ${status}`)
  } catch (error) {
    return noToken(
      (error as Error).name === 'TimeoutError' ? `nothing came within ${timeoutMs / 1000} s` : 'it broke off',
    )
  }
}

function hasToken(text: string): boolean {
  try {
    const answer = JSON.parse(text) as { usage?: { completion_tokens?: number }; choices?: unknown[]; data?: unknown[] }
    return (
      (answer.usage?.completion_tokens ?? 0) > 0 || (answer.choices?.length ?? 0) > 0 || (answer.data?.length ?? 0) > 0
    )
  } catch {
    return false
  }
}

function noToken(how: string): JobError {
  return {
    code: 'no_first_token',
    message: `the engine is up, but gives no token: ${how}`,
    remedy: 'read the log; a smaller max_num_seqs or another image may help',
  }
}
