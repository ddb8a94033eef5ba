import type { Fit } from '../core/models/memory/fit'
import type { MenuHost, MenuModel } from '../core/models/menu'
import type { DiskView } from './page-data'

const GiB = 1024 ** 3

/** An invented launch on one host that fits. */
export function sampleFit(changes: Partial<Fit> = {}): Fit {
  return {
    fits: true,
    reason: null,
    remedies: [],
    hosts: {
      'spark-1': {
        needs_bytes: 48 * GiB,
        room_bytes: 110 * GiB,
        short_bytes: 0,
        weights_bytes: 33 * GiB,
        kv_bytes: 11 * GiB,
        overhead_bytes: 4 * GiB,
      },
    },
    utilization: 0.4,
    computed: true,
    context: 262_144,
    max_context: 1_048_576,
    basis: 'measured',
    ...changes,
  }
}

/** How an invented model lies whole on one host. */
export function sampleMenuHost(changes: Partial<MenuHost> = {}): MenuHost {
  return {
    state: 'ready',
    bytes: 33 * GiB,
    complete: true,
    expected_bytes: 33 * GiB,
    problems: [],
    seen_at: '2026-01-31T14:05:10Z',
    ...changes,
  }
}

/** An invented model that can be swapped to. */
export function sampleModel(changes: Partial<MenuModel> = {}): MenuModel {
  return {
    repo: 'Qwen/Qwen3-32B',
    name: 'Qwen3 32B',
    description: 'A steady all-round model.',
    state: 'ready',
    hosts: { 'spark-1': sampleMenuHost(), 'spark-2': sampleMenuHost() },
    recipe: 'qwen3-32b',
    recipes: ['qwen3-32b'],
    trusted: true,
    nodes: 1,
    capabilities: ['chat', 'tools'],
    needs_setup: false,
    fit: sampleFit(),
    loaded: false,
    removable: true,
    reason: null,
    known_issue: null,
    eta_s: 160,
    job: null,
    ...changes,
  }
}

/** The invented disk of one Spark. */
export function sampleDisk(changes: Partial<DiskView> = {}): DiskView {
  return {
    host: 'spark-1',
    seenAt: '2026-01-31T14:05:10Z',
    caches: [
      {
        path: '/home/spark/.cache/huggingface/hub',
        layout: 'hub',
        own: true,
        mounted: true,
        real: '/home/spark/.cache/huggingface/hub',
        problem: null,
      },
    ],
    availableBytes: 1240 * GiB,
    totalBytes: 3700 * GiB,
    ...changes,
  }
}
