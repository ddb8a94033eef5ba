import { plainText } from '../cluster/plain-text'
import type { JobError } from '../jobs/job'

/** Who asked the git host, for the words of an error. */
export interface GitCaller {
  user: string
  host: string
  folder: string
  /** Its public keys, as they would be pasted; empty where it has none. */
  publicKeys: string[]
}

type Words = [code: string, message: string, remedy: string]

/** What git's error means and what helps, in plain words. @param said what git printed */
export function gitTrouble(said: string, caller: GitCaller): JobError {
  const [code, message, remedy] = wordsFor(said, caller)
  return { code, message, remedy }
}

function wordsFor(said: string, caller: GitCaller): Words {
  const { user, host, folder } = caller
  if (/permission denied.*publickey/i.test(said))
    return ['deploy_key_refused', `the git host does not know the key of ${user} on ${host}`, deployKey(caller)]
  if (/host key verification failed/i.test(said))
    return [
      'git_host_unknown',
      `${user} on ${host} has never trusted that git host, or its key changed`,
      `log in to ${host} as ${user}, run \`git fetch\` in ${folder} once and compare the fingerprint it shows`,
    ]
  if (/could not read (username|password)|terminal prompts disabled|authentication failed|403 forbidden/i.test(said))
    return [
      'git_login_needed',
      'the git host asks for a user name and password',
      `use its SSH address there: git remote set-url origin git@…; then ${deployKey(caller)}`,
    ]
  if (/couldn't find remote ref|remote branch .* not found/i.test(said))
    return ['branch_missing', 'the git host has no such branch', 'correct `branch` in spark.config.yaml']
  if (/dubious ownership/i.test(said))
    return ['not_owned', `${folder} does not belong to ${user}`, `on ${host}: sudo chown -R ${user}: ${folder}`]
  if (/index\.lock|another git process/i.test(said))
    return [
      'git_busy',
      `another git works in ${folder}, or one was killed there`,
      `try again; if it stays so, remove ${folder}/.git/index.lock on ${host}`,
    ]
  if (/would be overwritten/i.test(said)) return overwritten(said, caller)
  if (/not possible to fast-forward|diverg/i.test(said))
    return [
      'diverged',
      `${folder} holds commits that the git host does not have`,
      `push them, or take them out by hand on ${host}; nothing was changed`,
    ]
  if (/could not resolve host|timed out|unable to access|connection refused|network is unreachable/i.test(said))
    return [
      'git_host_unreachable',
      `${host} can't reach the git host: ${lastLine(said)}`,
      'check its network, then try again',
    ]
  return ['git_failed', `git: ${lastLine(said)}`, `look at ${folder} on ${host}`]
}

function deployKey({ user, host, publicKeys }: GitCaller): string {
  const where = 'as a deploy key of the repository (its settings, Deploy keys; read access is enough)'
  if (publicKeys.length > 0) return `add this line ${where}: ${publicKeys[0]}`
  return `log in to ${host} as ${user}, make a key: ssh-keygen -t ed25519 -N '' -f ~/.ssh/id_ed25519; add what \`cat ~/.ssh/id_ed25519.pub\` shows ${where}; then update again`
}

/** git lists them one a line, indented by a tab. */
function overwritten(said: string, { folder, host }: GitCaller): Words {
  const files = [...said.matchAll(/^\t(.+)$/gm)].map(([, file = '']) => plainText(file))
  const named = `${files.slice(0, 5).join(', ')}${files.length > 5 ? ` and ${files.length - 5} more` : ''}`
  const what = /untracked/i.test(said) ? 'files that are not in git are in the way' : 'there are local changes'
  return [
    'local_changes',
    `${what} in ${folder}: ${named}`,
    `keep them elsewhere or commit them on ${host}, then update again; nothing was changed`,
  ]
}

function lastLine(said: string): string {
  const lines = said
    .trim()
    .split('\n')
    .filter((line) => /^(fatal|error|ssh):/.test(line))
  return withoutPassword(plainText(lines[0] ?? said.trim().split('\n').at(-1) ?? '', 300)) || 'it said nothing'
}

/** An address may carry a token. */
export function withoutPassword(text: string): string {
  return text.replace(/\/\/[^/@\s]+@/g, '//…@')
}
