import { expect, test } from 'bun:test'
import { newValidator } from '../../config/validator'
import { rulesSchema, sizesSchema } from './table-schema'
import { holds, type Rule, ruleFor, type Setting, tables } from './tables'

const lists = { families: tables.families, quantisations: tables.quantisations, models: tables.models }
const settingsOf = (rules: readonly Rule[]): Setting[] => rules.flatMap(({ settings = [] }) => settings)

test('every table is as its schema says, and every row and setting tells why and whence', () => {
  const rules = newValidator().compile(rulesSchema)
  const sizes = newValidator().compile(sizesSchema)
  for (const [name, table] of Object.entries(lists)) {
    rules(table)
    expect({ name, errors: rules.errors ?? [] }).toEqual({ name, errors: [] })
    expect(new Set(table.map(({ id }) => id)).size).toBe(table.length)
  }
  sizes(tables.sizes)
  expect(sizes.errors ?? []).toEqual([])
})

test('every pattern is a regular expression that a long name does not keep busy', () => {
  const patterns = [...Object.values(lists).flat(), ...settingsOf(Object.values(lists).flat())].flatMap((row) =>
    ('match' in row ? row.match : 'when' in row && row.when ? [row.when] : []).flatMap((each) => Object.values(each)),
  )
  expect(patterns.length).toBeGreaterThan(60)
  const hostile = `${'qwen3-'.repeat(20)}!`
  for (const pattern of patterns) expect(new RegExp(`^(?:${pattern})$`, 'i').test(hostile)).toBeBoolean()
})

test('advice that changed says what it was before', () => {
  const reasonsFor = (id: string) =>
    settingsOf([...tables.families, ...tables.quantisations].filter((rule) => rule.id === id))
      .filter(({ flag }) => flag === '--moe-backend')
      .map(({ reason }) => reason)
      .join(' ')
  expect(reasonsFor('nvfp4-modelopt')).toMatch(/left to vLLM.*Older advice.*flashinfer_cutlass.*marlin/)
  expect(reasonsFor('qwen3.5')).toMatch(/older advice \(flashinfer_cutlass\)/)
  expect(reasonsFor('gemma-4')).toMatch(/Older advice was marlin/)
  expect(reasonsFor('nemotron-h')).toMatch(/beat Marlin/)
})

test('every family whose models see caps what an image takes', () => {
  const seeing = ['qwen3-vl-reranker', 'qwen3-vl-embedding', 'qwen3.5', 'qwen3-vl', 'qwen2-vl', 'gemma-4', 'gemma-3']
  for (const id of [...seeing, 'glm-4.5', 'glm-5', 'kimi-k2', 'step-3', 'mistral', 'llama-4', 'phi-4-multimodal']) {
    const rule = tables.families.find((each) => each.id === id)
    expect({ id, caps: rule?.settings?.some(({ flag }) => flag?.includes('-mm-')) }).toEqual({ id, caps: true })
  }
})

test('ruleFor() takes the first row that one of whose alternatives holds wholly', () => {
  const rule = (id: string, ...match: Rule['match']): Rule => ({ id, name: id, match, reason: '', source: '' })
  const rules = [rule('both', { repo: 'a/.*', moe: 'yes' }), rule('either', { repo: 'a/.*' }, { moe: 'yes' })]
  expect(ruleFor(rules, { repo: 'A/b', moe: 'yes' })?.id).toBe('both')
  expect(ruleFor(rules, { repo: 'xa/b', moe: 'YES' })?.id).toBe('either')
  expect(ruleFor(rules, { repo: 'xa/b', moe: 'no' })).toBeNull()
  expect(holds({ kind: 'chat' }, {})).toBe(false)
  expect(holds(undefined, {})).toBe(true)
})
