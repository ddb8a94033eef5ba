import type { WeightsPlace } from '../../launchers/launcher'
import type { Disk } from './found-model'

/** Where a launch finds a model on one host; null: in the cache that a launch mounts by itself, or nowhere. */
export function weightsPlace(disk: Disk, repo: string): WeightsPlace | null {
  const model = disk.models.find((each) => each.repo === repo)
  if (!model) return null
  if (model.layout !== 'hub') return model.path === null ? null : { layout: 'folder', path: model.path }
  const cache = disk.caches.find(({ path }) => path === model.cache)
  return cache?.mounted ? null : { layout: 'hub', path: cache?.real ?? model.cache }
}

/**
 * The one place for all hosts of a launch, which mounts the same path everywhere.
 * @returns `{ place }`, or `{ problem }` where the hosts hold it in different places, or where one can't mount it
 */
export function commonPlace(
  disks: Disk[],
  repo: string,
): { place: WeightsPlace | null; problem: null } | { place: null; problem: string } {
  for (const { host, models } of disks) {
    const outside = models.find((each) => each.repo === repo)?.outside
    if (outside) return { place: null, problem: `${repo}: ${outside} (on ${host})` }
  }
  const places = disks.map((disk) => ({ host: disk.host, place: weightsPlace(disk, repo) }))
  const [first, ...rest] = places
  const other = rest.find(({ place }) => JSON.stringify(place) !== JSON.stringify(first?.place))
  if (!first || !other) return { place: first?.place ?? null, problem: null }
  const named = (place: WeightsPlace | null) => place?.path ?? 'the cache that a launch mounts'
  const problem = `${repo}: lies in ${named(first.place)} on ${first.host} and in ${named(other.place)} on ${other.host}; a launch over several Sparks needs it in the same place on each`
  return { place: null, problem }
}
