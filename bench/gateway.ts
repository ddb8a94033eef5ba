import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, child } from './child'
import type { Upstream } from './peers'

const program = [process.execPath, join(import.meta.dir, '..', 'main.ts')]

/** Starts the product in front of the upstream; `command` is how it is called, from source when left out. */
export function gateway(port: number, upstream: Upstream, command = program): Promise<Child> {
  const folder = mkdtempSync(join(tmpdir(), 'spark-control-bench-'))
  const config = join(folder, 'spark.config.yaml')
  writeFileSync(config, configuration(upstream))
  return child(
    [...command, 'serve', '--config', config, '--data', join(folder, 'data'), '--port', String(port)],
    `http://127.0.0.1:${port}/health`,
    { scratch: folder },
  )
}

function configuration({ port, sinkPort }: Upstream): string {
  return `hosts:
  h: { address: 127.0.0.1, user: bench }
services:
  up:
    kind: http
    host: h
    port: ${port}
    model: bench/model
    offers: [chat]
    probe: { path: /health }
    routes: [{ method: POST, path: /v1/chat/completions, to: /v1/chat/completions }]
  sink:
    kind: http
    host: h
    port: ${sinkPort}
    probe: { path: /health }
    routes: [{ method: POST, path: /v1/upload, to: /v1/upload }]
`
}
