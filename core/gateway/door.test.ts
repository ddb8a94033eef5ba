import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { systemClock } from '../clock'
import { door, HeldError } from './door'

const never = new AbortController().signal

test('pass() lets in while it is open, and nobody while it is shut', () => {
  const doors = door({ clock: systemClock })
  const leave = doors.pass('llm')
  expect(doors.inside('llm')).toBe(1)
  doors.shut('llm')
  expect(doors.pass('llm')).toBeNull()
  expect(doors.pass('embed')).not.toBeNull()
  leave?.()
  leave?.()
  expect([doors.inside('llm'), doors.inside('embed')]).toEqual([0, 1])
})

test('enter() waits until the door is open, and all who wait go on at once', async () => {
  const doors = door({ clock: systemClock })
  doors.shut('llm')
  const entering = Array.from({ length: 20 }, () => doors.enter('llm', { signal: never, holdMs: 60_000 }))
  expect(doors.held('llm')).toBe(20)
  doors.open('llm')
  await Promise.all(entering)
  expect([doors.inside('llm'), doors.held('llm')]).toEqual([20, 0])
})

test('enter() gives up after its time, at the abort, when too many wait, and when the doors are closed', async () => {
  const doors = door({ clock: systemClock, most: 2 })
  doors.shut('llm')
  const going = new AbortController()
  const stays = doors.enter('llm', { signal: never, holdMs: 60_000 }).catch((error) => error)
  const goes = doors.enter('llm', { signal: going.signal, holdMs: 60_000 }).catch((error) => error)
  expect(await doors.enter('llm', { signal: never, holdMs: 60_000 }).catch((error) => error)).toBeInstanceOf(HeldError)
  going.abort(new Error('gone'))
  expect((await goes).message).toBe('gone')
  expect(await doors.enter('llm', { signal: never, holdMs: 1 }).catch((error) => error)).toBeInstanceOf(HeldError)
  expect(doors.held('llm')).toBe(1)
  doors.close()
  expect(await stays).toBeInstanceOf(HeldError)
  expect([doors.inside('llm'), doors.held('llm')]).toEqual([0, 0])
})

test('wait() ends when the door opens, also where it was not shut, and when all are told to look again', async () => {
  const doors = door({ clock: systemClock })
  const waiting = doors.wait('llm', { signal: never, ms: 60_000 })
  doors.open('llm')
  await waiting
  const again = doors.wait('llm', { signal: never, ms: 60_000 })
  doors.wake()
  await again
  expect(doors.held('llm')).toBe(0)
})

test('wait() holds only so many bytes over all doors, and counts those no more that went on', async () => {
  const doors = door({ clock: systemClock, mostBytes: 10 })
  const first = doors.wait('llm', { signal: never, ms: 60_000, bytes: 6 })
  const over = doors.wait('embed', { signal: never, ms: 60_000, bytes: 5 })
  expect(await over.catch((error) => error)).toBeInstanceOf(HeldError)
  doors.open('llm')
  await first
  const next = doors.wait('embed', { signal: never, ms: 60_000, bytes: 10 })
  doors.open('embed')
  await next
})

test('lastInside() is never before the first request, and now while one is inside', () => {
  let at = 5
  const doors = door({ clock: { ...systemClock, rising: () => at } })
  expect(doors.lastInside('llm')).toBeNull()
  const leave = doors.pass('llm')
  at = 9
  expect(doors.lastInside('llm')).toBe(9)
  leave?.()
  at = 20
  expect(doors.lastInside('llm')).toBe(9)
})

const act = fc.constantFrom('enter', 'leave', 'abort', 'shut', 'open')

test('whatever comes and goes, who is inside is who was let in and has not left, and nobody is let in while it is shut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
      const doors = door({ clock: systemClock })
      const waiting = new Set<AbortController>()
      const inside: (() => void)[] = []
      let letInShut = 0
      for (const each of acts) {
        if (each === 'shut') doors.shut('llm')
        if (each === 'open') doors.open('llm')
        if (each === 'leave') inside.pop()?.()
        if (each === 'abort') [...waiting][0]?.abort()
        if (each === 'enter') {
          const going = new AbortController()
          waiting.add(going)
          doors
            .enter('llm', { signal: going.signal, holdMs: 60_000 })
            .then(
              (leave) => {
                if (doors.isShut('llm')) letInShut++
                inside.push(leave)
              },
              () => {},
            )
            .finally(() => waiting.delete(going))
        }
        for (let tick = 0; tick < 8; tick++) await null
        expect(doors.inside('llm')).toBe(inside.length)
        expect(doors.held('llm')).toBe(waiting.size)
      }
      expect(letInShut).toBe(0)
      doors.close()
      for (const leave of inside) leave()
      expect([doors.inside('llm'), doors.held('llm')]).toEqual([0, 0])
    }),
  )
})
