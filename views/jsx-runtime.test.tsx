/** @jsxImportSource #jsx */
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { jsx } from './jsx-runtime'
import { elementsOf, hostile } from './rendered.sample'

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom(...hostile, '<', '>', '"', "'", '`', '=', ' ', '/', '&', '-->'))
    .map((parts) => parts.join('')),
)

test('jsx() never lets a child become a tag', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(elementsOf(<p>{text}</p>)).toEqual([{ tag: 'p', attributes: {} }])
    }),
  )
})

test('jsx() never lets an attribute value become a tag or another attribute', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const [first, ...more] = elementsOf(<p title={text} data-x={text} />)
      expect(more).toEqual([])
      expect(Object.keys(first?.attributes ?? {})).toEqual(['title', 'data-x'])
    }),
  )
})

test('jsx() renders nothing for null, undefined and booleans, and text for numbers', () => {
  expect(String(<p>{[null, undefined, true, false, 0, ['a', <br />]]}</p>)).toBe('<p>0a<br></p>')
})

test('jsx() takes rendered HTML as it is and fragments without an element', () => {
  const inner = <>{['<', <code>x</code>]}</>
  expect(String(<p>{inner}</p>)).toBe('<p>&lt;<code>x</code></p>')
})

test('jsx() writes boolean attributes by name, aria and data attributes by value', () => {
  expect(String(<button type="submit" disabled hidden={false} aria-pressed={false} data-log />)).toBe(
    '<button type="submit" disabled aria-pressed="false" data-log="true"></button>',
  )
})

test.each(hostile.concat('javascript:alert(1)', '\tJAVASCRIPT:alert(1)'))(
  'jsx() gives no script address to a link or form: %p',
  (url) => {
    const rendered = elementsOf(
      <form action={url}>
        <a href={url}>x</a>
      </form>,
    )
    expect(rendered.map((element) => element.tag)).toEqual(['form', 'a'])
    for (const { attributes } of rendered)
      for (const value of Object.values(attributes)) expect(value).not.toMatch(/^\s*javascript:/i)
  },
)

test.each(['style', 'onclick', 'hx-on:click', 'data-hx-on:click', 'srcdoc', 'a b', 'x"', ''])(
  'jsx() refuses the attribute name %p',
  (name) => {
    expect(() => jsx('p', { [name]: 'x' })).toThrow('this attribute cannot be rendered')
  },
)

test('the element types refuse style and handlers, and so does jsx()', () => {
  // @ts-expect-error the content security policy forbids inline styles
  expect(() => <p style="color:red" />).toThrow()
  // @ts-expect-error the content security policy forbids inline handlers
  expect(() => <p onclick="x" />).toThrow()
  expect(() => <p hx-on:click="x" />).toThrow()
})
