import type { Finding } from '../config/cluster'
import type { Recipe } from './recipe'

/** What a file's name and folder say of its recipe. */
export type Place = Pick<Recipe, 'id' | 'file' | 'source' | 'text'>

/** Something to tell about a key of a recipe, with dots between levels (the empty key: about the whole), before it is known where in the text it stands. */
export type Remark = Pick<Finding, 'problem' | 'remedy' | 'severity'> & { key: string }

/** What a parsed file says; the hash is computed from the whole. */
export interface Reading {
  recipe: Omit<Recipe, 'hash'> | null
  remarks: Remark[]
}
