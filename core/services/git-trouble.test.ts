import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { gitTrouble } from './git-trouble'

const caller = { user: 'bot', host: 'spark-2', folder: '~/bot', publicKeys: [] as string[] }

test.each<[code: string, said: string]>([
  [
    'deploy_key_refused',
    'git@git.example: Permission denied (publickey).\nfatal: Could not read from remote repository.',
  ],
  ['git_host_unknown', 'No ED25519 host key is known for git.example\nHost key verification failed.'],
  ['git_login_needed', "fatal: could not read Username for 'https://git.example': terminal prompts disabled"],
  ['branch_missing', "fatal: couldn't find remote ref refs/heads/main"],
  ['not_owned', "fatal: detected dubious ownership in repository at '/home/bot/bot'"],
  ['git_busy', "fatal: Unable to create '/home/bot/bot/.git/index.lock': File exists."],
  ['diverged', 'fatal: Not possible to fast-forward, aborting.'],
  ['git_host_unreachable', 'ssh: Could not resolve hostname git.example: Name or service not known'],
  ['git_failed', 'fatal: something new'],
])('gitTrouble() knows %s', (code, said) => {
  expect(gitTrouble(said, caller).code).toBe(code)
})

test('gitTrouble() names the files that stand in the way', () => {
  const files = Array.from({ length: 7 }, (_, n) => `\tfile-${n}.txt`).join('\n')
  const said = `error: Your local changes to the following files would be overwritten by merge:\n${files}\nPlease commit`
  const { code, message } = gitTrouble(said, caller)
  expect(code).toBe('local_changes')
  expect(message).toContain('file-0.txt, file-1.txt')
  expect(message).toContain('and 2 more')
})

test('gitTrouble() shows the public key to add, or how to make one', () => {
  const said = 'Permission denied (publickey)'
  expect(gitTrouble(said, caller).remedy).toContain('ssh-keygen -t ed25519')
  const key = 'ssh-ed25519 AAAA bot@spark-2'
  expect(gitTrouble(said, { ...caller, publicKeys: [key] }).remedy).toEndWith(key)
})

test('gitTrouble() never tells a password and never throws', () => {
  const said = "fatal: unable to access 'https://bob:secret@git.example/x.git/': Failed to connect"
  expect(JSON.stringify(gitTrouble(said, caller))).not.toContain('secret')
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => gitTrouble(text, caller).message !== ''))
})
