import table from './catalogue.yaml'

/** What a checkpoint's config.json says, as far as anything here asks. */
export type ModelConfig = { architectures: string[]; model_type: string; [field: string]: unknown }

/**
 * One model of the simulated hub: `bytes` is the size of all tensors, `held` how many shards a cut-off download has. `shared`:
 * its bytes lie in the store that models share; to hosts of `links` a copy brought the links into it alone.
 * `gated`: its licence must be accepted with an account.
 */
export type DemoModel = {
  repo: string
  bytes: number
  shards: number
  hosts: number[]
  config: ModelConfig
  quantization?: { quant_method: string; [field: string]: unknown }
  weights?: string
  held?: number
  tree?: boolean
  shared?: boolean
  links?: number[]
  gated?: boolean
}

/** Every model that the simulated hub offers, also those that no host holds yet. */
export const catalogue: readonly DemoModel[] = table
