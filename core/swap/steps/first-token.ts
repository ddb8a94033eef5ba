import { type Ask, isLate } from '../../cluster/probe'
import type { JobError } from '../../jobs/job'
import { folderTarget } from '../../launchers/engine-command'

/** What the engine says it serves, or null while it does not answer or serves nothing. */
export async function servedNow(ask: Ask): Promise<{ id: string; root: string }[] | null> {
  try {
    const { status, text } = await ask('/v1/models')
    if (status !== 200) return null
    const { data } = JSON.parse(text) as { data?: { id?: unknown; root?: unknown }[] }
    if (!Array.isArray(data) || data.length === 0) return null
    return data.map(({ id, root }) => ({ id: String(id), root: String(root ?? id) }))
  } catch {
    return null
  }
}

/** The one of what is served that is this model, whatever it is called; a plain folder's is known by where it appears. */
export function modelOf<T extends { id: string; root: string }>(served: readonly T[], repo: string): T | undefined {
  return served.find(({ id, root }) => root === repo || id === repo || root === folderTarget(repo))
}

/** The error when the engine serves something else than was asked for, or null. */
export function wrongModel(served: { id: string; root: string }[], repo: string): JobError | null {
  if (modelOf(served, repo)) return null
  const names =
    served
      .map(({ root }) => root)
      .join(', ')
      .slice(0, 200) || 'nothing'
  return {
    code: 'wrong_model',
    message: `the engine serves ${names} instead of ${repo}`,
    remedy: 'correct the recipe’s command or its model',
  }
}

/** Asks for one real token, or what the model gives instead; an open port proves nothing. @returns the error (`token_broken_off`: it may be asked again), or null */
export async function firstToken(ask: Ask, model: string, capabilities: readonly string[]): Promise<JobError | null> {
  const [path, question] = smallest(model, capabilities)
  try {
    const { status, text } = await ask(path, { method: 'POST', body: JSON.stringify(question) })
    return status === 200 && hasToken(text) ? null : noToken(`it answered ${status}`)
  } catch (error) {
    return isLate(error) ? noToken('nothing came in time') : { ...noToken('it broke off'), code: 'token_broken_off' }
  }
}

function smallest(model: string, capabilities: readonly string[]): [path: string, question: object] {
  if (capabilities.includes('rerank')) return ['/v1/rerank', { model, query: 'a', documents: ['a'] }]
  if (capabilities.includes('embed')) return ['/v1/embeddings', { model, input: 'ready?' }]
  return ['/v1/completions', { model, prompt: 'Hello', max_tokens: 1 }]
}

function hasToken(text: string): boolean {
  try {
    const answer = JSON.parse(text) as { choices?: unknown[]; data?: unknown[]; results?: unknown[] }
    return [answer.choices, answer.data, answer.results].some((list) => Array.isArray(list) && list.length > 0)
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
