/** How a launch of a model goes wrong. */
export type Trouble =
  | 'fails-at-start'
  | 'fails-in-load'
  | 'stalls'
  | 'wrong-model'
  | 'no-token'
  | 'out-of-memory'
  | 'worker-dies'

/** What really happens when a repo is launched, whatever its recipe promises. */
export interface Model {
  repo: string
  /** Virtual seconds from its engine's start until it answers. */
  loadS: number
  trouble: Trouble | null
  /** How often the trouble comes, 0 to 1. */
  share: number
}
