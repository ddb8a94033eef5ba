import type { Finding } from '../config/cluster'
import type { Recipe } from './recipe'

/** What a file's name and folder say of its recipe. */
export type Place = Pick<Recipe, 'id' | 'file' | 'source'>

/** Something to tell about a top-level key of a recipe (the empty key: about the whole), before it is known where in the text it stands. */
export type Remark = Pick<Finding, 'problem' | 'remedy' | 'severity'> & { key: string }

/** What a parsed file says. */
export interface Reading {
  recipe: Recipe | null
  remarks: Remark[]
}
