import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServiceView } from '../../core/cluster/snapshot'
import type { Html } from '../html'
import type { PageData } from '../page-data'
import { genericTile } from '../parts/service-tile'

/** Renders one service of a kind. */
export type Tile = (service: ServiceView, data: PageData) => Html

/** Reads every `<kind>.tsx` of a folder; each exports `tile`. */
export async function loadTiles(dir = import.meta.dir): Promise<Map<string, Tile>> {
  const files = (await readdir(dir)).filter((file) => /^[a-z0-9-]+\.tsx$/.test(file))
  const loaded = files.map(async (file): Promise<[string, Tile]> => {
    const module: { tile?: Tile } = await import(join(dir, file))
    if (!module.tile) throw new Error(`${file}: no tile is exported; export function tile(service, data)`)
    return [file.slice(0, -'.tsx'.length), module.tile]
  })
  return new Map(await Promise.all(loaded))
}

const tiles = await loadTiles()

/** The tile of one service: its kind's own, else the generic one. */
export function tile(service: ServiceView, data: PageData): Html {
  return (tiles.get(service.kind) ?? genericTile)(service, data)
}
