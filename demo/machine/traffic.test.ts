import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { interfacesOf } from './interfaces'
import { netDev, stepTraffic, type Traffic } from './traffic'

const interfaces = interfacesOf({ id: 'spark-1', address: '127.0.0.11', fabric: '192.168.177.11' })

test('counters of a cabled port only rise, those of a loose one stay at nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }), (activities) => {
      let traffic: Traffic = {}
      for (const activity of activities) {
        const next = stepTraffic(traffic, interfaces, activity, 1)
        for (const [name, { received }] of Object.entries(traffic)) {
          if (name === 'wlP9s9') expect(next[name]).toEqual({ received: 0, sent: 0 })
          else if (name !== 'docker0' && !name.includes('f0np0')) expect(next[name]?.received).toBeGreaterThan(received)
        }
        traffic = next
      }
    }),
  )
})

test('netDev() writes /proc/net/dev: two lines of titles, then 16 figures a port', () => {
  const [, , ...rows] = netDev(stepTraffic({}, interfaces, 0, 1))
    .trimEnd()
    .split('\n')
  expect(rows.map((row) => row.trim().split(':')[0])).toEqual(interfaces.map(({ name }) => name))
  for (const row of rows) expect(row.split(':')[1]?.trim().split(/\s+/)).toHaveLength(16)
})
