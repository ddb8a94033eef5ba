import { expect, test } from 'bun:test'
import { metricName, serviceFigures, unitOf } from './figures'

test('serviceFigures() takes the figures by their labels and leaves words out', () => {
  const facts = [
    { label: 'Model', value: 'org/name', unit: null },
    { label: 'KV cache', value: 12.5, unit: '%' },
    { label: 'Speed', value: null, unit: 'tokens/s' },
  ]
  expect(serviceFigures(facts)).toEqual({ kv_cache: 12.5 })
})

test('metricName() is a name that stands in an address', () => {
  expect(metricName('  Tokens/s (mean) ')).toBe('tokens_s_mean')
  expect(metricName('Anfragen über 1 s')).toMatch(/^[a-z0-9_]+$/)
})

test.each([
  ['memory_available_bytes', 'bytes'],
  ['network_rx_bytes_s', 'bytes/s'],
  ['gpu_temperature_c', '°C'],
  ['load_1m', null],
])('unitOf(%p) is %p', (metric, unit) => {
  expect(unitOf(metric)).toBe(unit)
})
