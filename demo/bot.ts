import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HttpService } from './host'
import type { HostLayout } from './layout'
import { hostEnvironment } from './machine/environment'
import type { Login } from './ssh-server'

/** A service that is updated from git, with a user of its own on its host. */
export interface DemoBot {
  service: HttpService
  login: Login
}

/**
 * Writes a real git remote into the cluster's folder and a checkout of it into the home of the user `bot`, two commits
 * behind, so that there is something to update. Null where there is no git.
 */
export function demoBot(layout: HostLayout): DemoBot | null {
  const { cluster, directory } = layout
  const home = join(directory, 'homes/bot')
  const checkout = join(home, 'bot')
  const environment: Record<string, string> = { ...hostEnvironment(layout), HOME: home, USER: 'bot', LOGNAME: 'bot' }
  if (Bun.which('git', { PATH: environment.PATH ?? '' }) === null) return null
  mkdirSync(join(home, '.ssh'), { recursive: true })
  if (!existsSync(checkout)) write(join(cluster, 'git'), checkout, environment)
  return {
    service: { id: 'bot', container: 'bot', program: 'bot /bot', port: 0, volume: `${checkout}:/bot` },
    login: {
      user: 'bot',
      environment,
      authorizedKeys: [join(cluster, 'id_ed25519.pub'), join(home, '.ssh/authorized_keys')],
    },
  }
}

function write(folder: string, checkout: string, environment: Record<string, string>) {
  const remote = join(folder, 'bot.git')
  const desk = join(folder, 'desk')
  const git = (cwd: string, ...words: string[]) => {
    const person = ['-c', 'user.name=Alice', '-c', 'user.email=alice@example.com', '-c', 'commit.gpgsign=false']
    const { exitCode, stderr } = Bun.spawnSync(['git', ...person, ...words], { cwd, env: environment })
    if (exitCode !== 0) throw new Error(`git ${words[0]}: ended with ${exitCode}; it said: ${stderr}`)
  }
  const commit = (greeting: string, subject: string) => {
    writeFileSync(join(desk, 'greeting.txt'), `${greeting}\n`)
    git(desk, 'add', 'greeting.txt')
    git(desk, 'commit', '--quiet', '--message', subject)
    git(desk, 'push', '--quiet', 'origin', 'main')
  }
  mkdirSync(folder, { recursive: true })
  git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', remote)
  git(folder, 'clone', '--quiet', remote, desk)
  git(desk, 'switch', '--quiet', '--orphan', 'main')
  commit('Hello', 'Say hello')
  git(folder, 'clone', '--quiet', '--branch', 'main', remote, checkout)
  commit('Hello, everybody', 'Greet everybody')
  commit('Good day, everybody', 'Greet more politely')
  rmSync(desk, { recursive: true, force: true })
}
