import { expect, test } from 'bun:test'
import { alignColumns, renderTemplate, tableHeader } from './template'

const state = { State: { Running: true, Pid: 7 }, Names: 'vllm_node', Env: { a: '<b>' } }

test.each([
  ['{{.Names}}', 'vllm_node'],
  ['{{ .State.Pid }}|{{.State.Running}}', '7|true'],
  ['{{json .State}}', '{"Running":true,"Pid":7}'],
  ['{{json .}}', JSON.stringify(state)],
  ['{{.Names}}\\t{{upper .Names}}', 'vllm_node\tVLLM_NODE'],
  ['{{index .Env "a"}}', '<b>'],
  ['{{.Env}}', 'map[a:<b>]'],
])('renderTemplate() understands %s', (template, text) => {
  expect(renderTemplate(template, state)).toBe(text)
})

test('renderTemplate() names the field it does not find', () => {
  expect(() => renderTemplate('{{.Nothing}}', state)).toThrow("can't evaluate field Nothing")
})

test('alignColumns() pads as docker does, under its headers', () => {
  const header = tableHeader('{{.ID}}\\t{{.Names}}', { ID: 'CONTAINER ID' })
  expect(alignColumns([header, 'abc\tx'].map((line) => line.split('\t')))).toBe(
    'CONTAINER ID   NAMES\nabc            x',
  )
})
