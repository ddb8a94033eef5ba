import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { downloadCommand, noTool } from './download-command'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'spark-download-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** Puts programs into a home that print how they were called; the real shell runs the real script there. */
function has(...programs: string[]) {
  for (const program of programs) put(program, 'echo "${0##*/} $*"')
}

function put(program: string, text: string) {
  mkdirSync(join(home, program, '..'), { recursive: true })
  writeFileSync(join(home, program), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
}

const order = { repo: 'org/model', revision: null, launcher: '~/launcher', hub: null }
const called = (fields: Partial<typeof order> | { revision: string; hub: string } = {}) => {
  const argv = downloadCommand({ ...order, ...fields })
  const { stdout, exitCode } = Bun.spawnSync(argv, { env: { HOME: home, PATH: '/usr/bin:/bin' } })
  return [String(stdout).trim(), exitCode]
}

const old = 'case $1 in --help) echo "Usage: [-c HOSTS] MODEL"; exit 1 ;; *) echo "old $*" ;; esac'
const fresh = 'case $1 in --help) echo "Usage: [--list] MODEL" ;; *) echo "new $*" ;; esac'

test('the launcher’s own script is used, found where a non-interactive login does not look', () => {
  put('launcher/hf-download.sh', fresh)
  expect(called()).toEqual(['new org/model', 0])
  expect(called({ revision: 'abc' } as never)).toEqual(['new --revision abc org/model', 0])
})

test('an old script is used only where it has its uvx and no revision is asked for', () => {
  put('launcher/hf-download.sh', old)
  has('.cargo/bin/uvx')
  expect(called()).toEqual(['old org/model', 0])
  expect(called({ revision: 'abc' } as never)).toEqual(['uvx hf download org/model --revision abc', 0])
  rmSync(join(home, '.cargo'), { recursive: true })
  has('.local/bin/hf')
  expect(called()).toEqual(['hf download org/model', 0])
})

test('without a launcher hf, uvx and the old name of the tool are tried in turn, and none is told', () => {
  expect(called()).toEqual(['no hf, uvx or huggingface-cli on this Spark', noTool])
  has('.local/bin/huggingface-cli')
  expect(called({ launcher: null } as never)[0]).toBe('huggingface-cli download org/model')
  has('.local/bin/uvx')
  expect(called()[0]).toBe('uvx hf download org/model')
})

test('a mirror is used where the Spark names none itself', () => {
  put('.local/bin/hf', 'echo "$HF_ENDPOINT"')
  expect(called({ hub: 'http://192.0.2.9' } as never)[0]).toBe('http://192.0.2.9')
})
