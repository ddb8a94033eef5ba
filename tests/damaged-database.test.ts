import { expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { controlPlane } from '../commands/serve'
import { hostKeys } from '../core/cluster/host-keys'
import type { AttentionView } from '../core/cluster/snapshot'
import { jsonLog } from '../core/log'
import { openStore } from '../core/store/store'
import { loadKinds } from '../handlers/kinds'

test('a controller whose database is damaged starts from its backup and says what was lost', async () => {
  const data = mkdtempSync(join(tmpdir(), 'spark-damaged-'))
  const file = join(data, 'spark-control.sqlite')
  const kinds = await loadKinds()
  const lines: string[] = []
  const log = jsonLog((line) => lines.push(line))
  const start = () => controlPlane({ config: join(data, 'none.yaml'), data, port: 0, kinds, log })
  const first = await start()
  first.runtime.pinHostKey('spark-1', 'SHA256:pinned')
  await first.stop()

  const bytes = readFileSync(file)
  writeFileSync(file, bytes.fill(0xff, 0, 4096))
  const began = performance.now()
  const plane = await start()
  console.log(`started from the backup in ${(performance.now() - began).toFixed(0)} ms`)
  try {
    const attention = (await (await fetch(`${plane.server.url}/api/attention`)).json()) as AttentionView[]
    const found = attention.find(({ subject }) => subject === 'storage')
    expect(found?.text).toContain('the database was damaged: jobs, host keys and trust are as they were at')
    const [aside = 'none'] = readdirSync(data).filter((name) => /damaged-.*Z$/.test(name))
    expect(found?.remedy).toContain(aside)
    expect(readFileSync(join(data, aside)).equals(bytes)).toBe(true)
    expect(lines.join('\n')).toContain('database was damaged')
    rmSync(join(data, aside))
    const later = (await (await fetch(`${plane.server.url}/api/attention`)).json()) as AttentionView[]
    expect(later.filter(({ subject }) => subject === 'storage')).toEqual([])
  } finally {
    await plane.stop()
  }
  const store = openStore(data)
  expect(hostKeys(store).pinned('spark-1')).toBe('SHA256:pinned')
  store.close()
  rmSync(data, { recursive: true })
})
