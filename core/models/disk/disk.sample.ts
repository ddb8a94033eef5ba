import type { Disk, FoundModel, ModelCache } from './found-model'

/** A whole model in the own cache, for tests; `fields` say what matters to the test. */
export function sampleFound(repo = 'org/model', fields: Partial<FoundModel> = {}): FoundModel {
  const cache = '/home/spark/.cache/huggingface/hub'
  const commit = '0'.repeat(40)
  return {
    repo,
    layout: 'hub',
    gguf: false,
    cache,
    path: `${cache}/models--${repo.replaceAll('/', '--')}/snapshots/${commit}`,
    commit,
    revisions: [commit],
    bytes: 10e9,
    weightBytes: 10e9,
    expectedBytes: 10e9,
    state: 'ready',
    problems: [],
    outside: null,
    damaged: [],
    config: null,
    quantConfig: null,
    ...fields,
  }
}

/** The usual cache, for tests. */
export function sampleCache(fields: Partial<ModelCache> = {}): ModelCache {
  const path = fields.path ?? '/home/spark/.cache/huggingface/hub'
  return { path, layout: 'hub', own: true, mounted: true, real: path, problem: null, ...fields }
}

/** What a look at one host found, for tests. */
export function sampleDisk(host: string, models: FoundModel[], fields: Partial<Disk> = {}): Disk {
  return {
    host,
    seenAt: '2026-11-23T06:00:00.000Z',
    caches: [sampleCache()],
    models,
    availableBytes: 500e9,
    totalBytes: 1000e9,
    leftovers: [],
    ...fields,
  }
}
