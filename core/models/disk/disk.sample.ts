import type { Disk, FoundModel } from './found-model'

/** A whole model in the own cache, for tests; `fields` say what matters to the test. */
export function sampleFound(repo = 'org/model', fields: Partial<FoundModel> = {}): FoundModel {
  const cache = '/home/spark/.cache/huggingface/hub'
  const commit = '0'.repeat(40)
  return {
    repo,
    layout: 'hub',
    cache,
    path: `${cache}/models--${repo.replaceAll('/', '--')}/snapshots/${commit}`,
    commit,
    revisions: [commit],
    bytes: 10e9,
    weightBytes: 10e9,
    expectedBytes: 10e9,
    state: 'ready',
    problems: [],
    damaged: [],
    config: null,
    quantConfig: null,
    ...fields,
  }
}

/** What a look at one host found, for tests. */
export function sampleDisk(host: string, models: FoundModel[], fields: Partial<Disk> = {}): Disk {
  return {
    host,
    seenAt: '2026-11-23T06:00:00.000Z',
    caches: [{ path: '/home/spark/.cache/huggingface/hub', layout: 'hub', own: true, problem: null }],
    models,
    availableBytes: 500e9,
    totalBytes: 1000e9,
    leftovers: [],
    ...fields,
  }
}
