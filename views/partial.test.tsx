/** @jsxImportSource #jsx */
import { expect, test } from 'bun:test'
import { changed, partial, sameIds } from './partial'

const block = (text: string, age = '2 s ago') => (
  <p>
    {text} <time datetime="2026-01-31T14:05:28Z">{age}</time>
  </p>
)

test('partial() aims at the element of its id, also where the id holds a dot', () => {
  expect(partial('host-spark.1', <p>x</p>).value).toBe(
    '<hx-partial hx-target="#host-spark\\.1" hx-swap="outerMorph"><p>x</p></hx-partial>',
  )
})

test('changed() names the blocks that differ and those that are new', () => {
  expect(changed({ a: block('1'), b: block('1') }, { a: block('1'), b: block('2'), c: block('1') })).toEqual(['b', 'c'])
})

test('changed() does not count an age that went on, because the page counts it itself', () => {
  expect(changed({ a: block('1', '2 s ago') }, { a: block('1', '3 s ago') })).toEqual([])
})

test('sameIds() notices blocks that came or went', () => {
  expect(sameIds({ a: block('1') }, { a: block('2') })).toBe(true)
  expect(sameIds({ a: block('1') }, { a: block('1'), b: block('1') })).toBe(false)
})
