import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, child } from './child'

const version = '1.15.2'
const folder = join(tmpdir(), 'spark-control-bench', 'portkey')
const program = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js')

/** Starts Portkey's gateway under Bun; the first call installs it outside the repository. @throws {Error} when npm can't */
export async function portkey(port: number): Promise<Child> {
  if (!existsSync(program)) install()
  return child([process.execPath, program, '--headless', `--port=${port}`], `http://127.0.0.1:${port}/`, {
    cwd: folder,
  })
}

/** How Portkey learns where to send a request on. */
export function portkeyHeaders(upstreamPort: number): Record<string, string> {
  return {
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
    authorization: 'Bearer none',
  }
}

function install() {
  mkdirSync(folder, { recursive: true })
  const npm = Bun.spawnSync(
    [
      'npm',
      'install',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--prefix',
      folder,
      `@portkey-ai/gateway@${version}`,
    ],
    {
      cwd: folder,
      timeout: 120_000,
    },
  )
  if (!existsSync(program))
    throw new Error(`portkey: npm could not install it (${npm.stderr.toString().trim().slice(-200)}); see npm's log`)
}

export const portkeyVersion = `@portkey-ai/gateway ${version}`
