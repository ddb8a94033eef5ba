import type { Host, RecipeSource } from '../../config/cluster'

/** A folder of recipes that somebody else keeps. */
export interface Source {
  /** As `source` of its recipes: the declared name, or `launcher:<host>`. */
  name: string
  folder: string
  /** Id of the Spark it lies on; null: the controller. */
  host: string | null
  trusted: boolean
  /** A launcher need not have recipes; a folder that was declared is missed. */
  declared: boolean
}

/** Every foreign source in the order in which they count: the declared ones, then each launcher's own. */
export function sourcesOf(declared: readonly RecipeSource[], hosts: Iterable<Host>): Source[] {
  return [
    ...declared.map((source) => ({ ...source, declared: true })),
    ...[...hosts].flatMap(({ id, launcher }) =>
      launcher === null
        ? []
        : [{ name: `launcher:${id}`, folder: `${launcher}/recipes`, host: id, trusted: false, declared: false }],
    ),
  ]
}

/** What a source's files are kept under: a folder that moves is another. */
export const placeOf = ({ host, folder }: Source) => `${host ?? ''}:${folder}`
