import type { FoundModel } from '../disk/found-model'
import { field, list, record, text } from './reading'
import { type Rule, ruleFor, tables } from './tables'

/** What of a model on a disk says how its weights are stored. */
export type StoredWeights = Pick<FoundModel, 'config' | 'quantConfig' | 'layout'>

export interface Quantisation {
  /** As in quantisations.yaml; `unknown` where no row of it matches. */
  id: string
  name: string
  rule: Rule | null
}

/** How the weights of a checkpoint are stored; pure, and whatever its config holds. */
export function quantisation(found: StoredWeights): Quantisation {
  const rule = ruleFor(tables.quantisations, quantisationFacts(found))
  return rule ? { id: rule.id, name: rule.name, rule } : { id: 'unknown', name: 'an unknown quantisation', rule: null }
}

type Facts = {
  method: string
  algorithm: string
  layers: string
  format: string
  weights: string
  block: string
  layout: string
}

/** What config.json and hf_quant_config.json say, in the words that the table asks for. */
function quantisationFacts({ config, quantConfig, layout }: StoredWeights): Facts {
  const inner = record(field(config, 'text_config'))
  const stated = [config, inner].flatMap((each) => [
    field(each, 'quantization_config'),
    field(each, 'compression_config'),
  ])
  const named = stated.map(record).find(Boolean) ?? null
  // Checkpoints of Model Optimizer before 0.29 say so in this file alone.
  const beside = record(field(quantConfig, 'quantization'))
  const algorithm = text(field(named, 'quant_algo')) ?? text(field(beside, 'quant_algo'))
  const layers = record(field(named, 'quantized_layers')) ?? record(field(beside, 'quantized_layers'))
  return {
    method: text(field(named, 'quant_method')) ?? (beside && algorithm ? 'modelopt' : 'none'),
    algorithm: algorithm ?? 'none',
    layers: distinct(Object.values(layers ?? {}).map((layer) => text(field(layer, 'quant_algo')))) || 'none',
    format: text(field(named, 'format')) ?? 'none',
    weights: groupWeights(named) || named !== null ? groupWeights(named) : plainType(config, inner),
    block: list(field(named, 'weight_block_size')).length > 0 ? 'yes' : 'no',
    layout,
  }
}

/** Bits, type and strategy of every group of compressed-tensors: `4 float tensor_group, 8 float channel`. */
function groupWeights(named: Record<string, unknown> | null): string {
  const groups = Object.values(record(field(named, 'config_groups')) ?? {}).map((group) =>
    record(field(group, 'weights')),
  )
  return distinct(
    groups.map(
      (each) =>
        each &&
        [each.num_bits, each.type, each.strategy]
          .map((part) => text(part) ?? '')
          .join(' ')
          .trim(),
    ),
  )
}

function plainType(config: Record<string, unknown> | null, inner: Record<string, unknown> | null): string {
  const types = [config, inner].flatMap((each) => [text(field(each, 'dtype')), text(field(each, 'torch_dtype'))])
  return types.find(Boolean) ?? 'none'
}

function distinct(values: (string | null | undefined)[]): string {
  return [...new Set(values.filter(Boolean))].slice(0, 8).join(', ')
}
