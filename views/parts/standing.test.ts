import { expect, test } from 'bun:test'
import { sampleData, sampleHost, sampleService, sampleSwap } from '../page-data.sample'
import { standing } from './standing'

test('standing() says that everything is fine when it is', () => {
  expect(standing(sampleData())).toEqual({
    tone: 'ok',
    title: 'Everything is fine',
    detail: '2 hosts up, 2 of 2 services up.',
    needs: [],
  })
})

test('standing() puts the worst first and counts what needs a person, not what is only worth knowing', () => {
  const item = { since: null, remedy: 'do it', subject: 'host:spark-1' }
  const { tone, title, needs } = standing(
    sampleData({
      attention: [
        { ...item, severity: 'info', text: 'a note' },
        { ...item, severity: 'warning', text: 'little disk' },
        { ...item, severity: 'critical', text: 'lost' },
      ],
    }),
  )
  expect({ tone, title, texts: needs.map((need) => need.text) }).toEqual({
    tone: 'bad',
    title: '2 things need you',
    texts: ['lost', 'little disk', 'a note'],
  })
})

test('standing() stays fine beside a mere note', () => {
  const note = { severity: 'info' as const, subject: 'host:spark-1', text: 'a note', remedy: '', since: null }
  expect(standing(sampleData({ attention: [note] }))).toMatchObject({ tone: 'ok', needs: [{ remedy: null }] })
})

test('standing() tells a lost host by its cause and remedy, once, and not its silent services beside it', () => {
  const lost = sampleHost({ state: 'unreachable', cause: 'no answer', remedy: 'look at the cable' })
  const cluster = { hosts: [lost], services: [sampleService({ state: 'down' })] }
  expect(standing(sampleData({}, cluster)).needs).toEqual([
    { tone: 'bad', text: 'Spark 1: no answer', remedy: 'look at the cable' },
  ])
  const attention = [
    { severity: 'critical' as const, subject: 'host:spark-1', text: 'lost', remedy: 'look', since: null },
  ]
  expect(standing(sampleData({ attention }, cluster)).needs).toHaveLength(1)
})

test('standing() does not take a stopped service for a fault', () => {
  expect(standing(sampleData({}, { services: [sampleService({ state: 'stopped' })] })).tone).toBe('ok')
  expect(standing(sampleData({}, { services: [sampleService({ state: 'down' })] })).tone).toBe('bad')
})

test('standing() never says fine while a host has not been heard', () => {
  const silent = sampleHost({ state: 'unknown', seen_at: null, facts: null })
  expect(standing(sampleData({}, { hosts: [silent] })).title).toBe('Waiting to hear from Spark 1')
})

test('standing() tells a running swap, and problems of the files before it', () => {
  expect(standing(sampleData({}, { swap: sampleSwap() })).title).toBe('A swap is running')
  const findings = [{ text: 'spark.config.yaml:3:1: …' }]
  expect(standing(sampleData({ findings }, { swap: sampleSwap() })).title).toBe('1 thing needs you')
})
