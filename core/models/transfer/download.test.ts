import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PhaseContext } from '../../jobs/runner'
import { look } from '../disk/look'
import { download } from './download'
import { localHost } from './local-host.sample'
import { orphans } from './orphans'
import type { TransferParts } from './transfer-parts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'spark-download-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const put = (path: string, text: string, mode = 0o644) => {
  mkdirSync(join(home, path, '..'), { recursive: true })
  writeFileSync(join(home, path), text, { mode })
}

test('download() tries once more what an earlier run of this program may have removed to fetch it again', async () => {
  const folder = '.cache/huggingface/hub/models--org--model'
  const commit = '0'.repeat(40)
  put(`${folder}/refs/main`, commit)
  put(`${folder}/snapshots/${commit}/config.json`, '{}')
  // The first try ended well; its short file was removed, and then the controller was killed.
  const tried = '.spark-control/transfers/model-1.1.download'
  for (const [name, text] of Object.entries({ rc: '0\n', pid: '1\n', log: 'done\n', subject: 'org/model\n' }))
    put(`${tried}/${name}`, text)
  const file = `"$HOME/${folder}/snapshots/${commit}/model.safetensors"`
  put('.local/bin/hf', `#!/bin/sh\nprintf '\\002\\000\\000\\000\\000\\000\\000\\000{}' >${file}\n`, 0o755)
  const said: string[] = []
  const live = localHost(home)
  const context: PhaseContext = {
    job: 'model-1',
    signal: new AbortController().signal,
    report() {},
    log: (lines) => said.push(...lines),
    transfer() {},
    finish() {},
  }
  const parts: TransferParts = {
    hosts: new Map([['spark-1', live]]),
    hub: null,
    secret: null,
    token: () => null,
    look: (on, options) => look(on, options),
    inUse: () => new Set(),
    busy: () => false,
    orphans: orphans(),
    changed: async () => {},
  }
  await download(live, parts, { repo: 'org/model', revision: null }, null, context)
  expect(said.join('\n')).toContain('tried once more after the restart')
  expect(readdirSync(join(home, '.spark-control/transfers'))).toEqual([])
})
